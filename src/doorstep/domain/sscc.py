"""The number of a handling unit: GS1's serial shipping container code.

References
----------
GS1 General Specifications: SSCC (AI 00), check digit calculations.
"""

from doorstep.foundation import ConflictError

SSCC_DIGITS = 18


def sscc_of(company_prefix: str, serial: int) -> str:
    """Return the SSCC of a serial number: extension digit and serial, company prefix, check digit.

    Raises
    ------
    ConflictError
        If the prefix has no number left.
    """
    digits = SSCC_DIGITS - 2 - len(company_prefix)
    extension, reference = divmod(serial, 10**digits)
    if extension > 9:
        raise ConflictError(f"GS1 company prefix {company_prefix} has no serial number {serial}.",
                            hint="Maybe GS1 gives you a further prefix.")  # fmt: skip
    body = f"{extension}{company_prefix}{reference:0{digits}d}"
    return body + check_digit(body)


def check_digit(body: str) -> str:
    """Return the GS1 check digit of a number without it: digits weigh 3 and 1 in turn from the right."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return str(-total % 10)


def is_sscc(text: str) -> bool:
    """Return whether a text is an SSCC with the right check digit."""
    return len(text) == SSCC_DIGITS and text.isdecimal() and text.isascii() and check_digit(text[:-1]) == text[-1]

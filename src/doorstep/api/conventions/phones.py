"""Phone numbers at the border: E.164, plus and digits, whatever people type between them."""

import phonenumbers

from doorstep.foundation import InputError

LONGEST = 32


def to_e164(text: str) -> str:
    """Return an international number as E.164: ``+1 (202) 555-0143`` becomes ``+12025550143``.

    Raises
    ------
    InputError
        If the number lacks its country, has an extension, or is not a number of its country. The message does
        not repeat the number: it may end in a log.
    """
    hint = "Maybe the country is missing: +12025550143."
    if len(text) > LONGEST or not text.startswith("+"):
        raise InputError(f"phone must start with + and the country, in at most {LONGEST} characters.", hint=hint)
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException as error:
        raise InputError("phone is not a number that can be dialled.", hint=hint) from error
    if number.extension:
        raise InputError("phone has an extension, which cannot be called by itself.", hint="Maybe put it into note.")
    if not phonenumbers.is_valid_number(number):
        raise InputError("phone is not a number of its country.", hint="Maybe a digit is missing or doubled.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

"""Money at the border: whole minor units and a currency of ISO 4217, never a fraction."""

from doorstep.foundation import InputError

_BY_EXPONENT = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW "
        "CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF "
        "IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK "
        "MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP "
        "SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG "
        "YER ZAR ZMW ZWG"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}

EXPONENTS: dict[str, int] = {code: exponent for exponent, codes in _BY_EXPONENT.items() for code in codes.split()}
"""Digits after the point of every currency in use, ISO 4217 (2026; without BGN, HRK, CUC and ANG, which have ended)."""


def exponent_of(currency: str) -> int:
    """Return how many digits of an amount stand after the point.

    Raises
    ------
    InputError
        If ISO 4217 does not know the currency.
    """
    if currency not in EXPONENTS:
        known = currency.upper() if currency.upper() in EXPONENTS else "USD"
        raise InputError(f"currency {currency[:8]!r} is not in ISO 4217.", hint=f"Maybe {known!r}?")
    return EXPONENTS[currency]


def in_words(amount_minor: int, currency: str) -> str:
    """Return an amount for people, such as ``35.00 USD``."""
    digits = exponent_of(currency)
    whole, rest = divmod(amount_minor, 10**digits)
    return f"{whole}.{rest:0{digits}} {currency}" if digits else f"{whole} {currency}"

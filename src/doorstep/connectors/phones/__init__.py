"""What phones send of where they are: each module reads what one app sends today, and says what that app must hear.

Nothing here asks anybody anything. Reading never fails on one bad position among good ones: an app that hears of a
failure sends the same again, and would for ever. What is no message of the app at all is an ``InputError``.
"""

"""What requests and responses consist of, one module a subject.

Requests are strict: an unknown field, a number in quotes, a text with a NUL character are faults. Moments are RFC 3339
outside and epoch seconds inside; money is whole minor units with its currency; windows are half-open outside.
"""

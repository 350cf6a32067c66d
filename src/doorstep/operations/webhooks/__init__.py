"""Webhooks: endpoints that want to be told, events turned into messages, attempts recorded, messages sent once more.

A message waits while an earlier one about the same object has not reached the same endpoint. Sending itself is done by
others, outside of any transaction; here is only what is kept about it.
"""

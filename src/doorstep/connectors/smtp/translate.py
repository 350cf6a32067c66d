"""A message as a letter (RFC 5322), which says that a machine wrote it and how to stop it (RFC 3834, 2369, 8058)."""

from email.message import EmailMessage
from email.utils import formatdate, parseaddr

from doorstep.ports import Message


def letter(message: Message, *, sender: str, now: int) -> EmailMessage:
    """Return the letter that says a message; its id is the message's, so who gets it twice can tell."""
    domain = parseaddr(sender)[1].partition("@")[2]
    found = EmailMessage()
    found["From"] = sender
    found["To"] = message.to
    found["Subject"] = message.subject
    found["Date"] = formatdate(now)
    found["Message-ID"] = f"<{message.reference}@{domain}>"
    found["Auto-Submitted"] = "auto-generated"
    if message.stop_url:
        found["List-Unsubscribe"] = f"<{message.stop_url}>"
        found["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    found.set_content(message.text)
    return found

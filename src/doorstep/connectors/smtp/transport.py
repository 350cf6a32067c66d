"""Letters handed to a mail server, a connection each."""

import smtplib
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from doorstep.connectors.smtp.settings import Account
from doorstep.connectors.smtp.translate import letter
from doorstep.foundation import UpstreamError
from doorstep.ports import Message, NoticeRefusedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Smtp:
    """Tells people by e-mail."""

    account: Account
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)
    clock: Callable[[], float] = time.time

    def send(self, message: Message) -> str:
        """Return the letter's Message-ID once the server has taken it; see ``doorstep.ports.Notifier``."""
        try:
            written = letter(message, sender=self.account.sender, now=int(self.clock()))
        except ValueError as fault:  # an address or subject with a line break in it
            raise NoticeRefusedError(f"{message.reference} cannot be written as a letter: {fault}.") from fault
        try:
            with self._connected() as server:
                server.send_message(written)
        except smtplib.SMTPRecipientsRefused as fault:
            codes = [code for code, _ in fault.recipients.values()]
            raise _judged(codes[0] if codes else 0, "the recipient") from fault
        except smtplib.SMTPResponseException as fault:
            of_letter = isinstance(fault, smtplib.SMTPDataError)
            raise _judged(fault.smtp_code if of_letter else 0, f"the letter ({fault.smtp_code})") from fault
        except (OSError, smtplib.SMTPException) as fault:
            raise UpstreamError(f"the mail server does not answer: {type(fault).__name__}.") from fault
        return str(written["Message-ID"])

    def close(self) -> None:
        """Close nothing: a connection ends with its letter."""

    def _connected(self) -> smtplib.SMTP:
        account = self.account
        if account.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                account.host, account.port, timeout=account.timeout_s, context=self.tls
            )
        else:
            server = smtplib.SMTP(account.host, account.port, timeout=account.timeout_s)
        try:
            if account.security == "starttls":
                server.starttls(context=self.tls)
            if account.user:
                server.login(account.user, account.password)
        except Exception:
            server.close()
            raise
        return server


def _judged(code: int, what: str) -> UpstreamError:
    """Return what a refusal means: from 500 on the server would say it again."""
    if code >= 500:
        return NoticeRefusedError(f"the mail server refuses {what}: {code}.")
    return UpstreamError(f"the mail server does not take {what} now.")

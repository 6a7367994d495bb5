"""The mails about an account's address and password: no advertising, and no name, as an address may be mistyped."""

from __future__ import annotations

from infra.errors import Text
from infra.mail import Mail
from infra.mail.letters import Letter, letter_mail
from services.contacts.access.domain import Form
from services.contacts.access.models import AccessMail
from services.contacts.access.queries import account_of, token_of
from services.contacts.accounts.models import Account
from services.contacts.context import current

_HELLO = Text("Guten Tag,", "Hello,")
_SUBJECT = {
    Form.CONFIRM: Text("Bitte bestätigen Sie Ihre E-Mail-Adresse", "Please confirm your e-mail address"),
    Form.RESET: Text("Neues Passwort für Lotse", "New password for Lotse"),
    Form.CHANGED: Text("Ihre E-Mail-Adresse bei Lotse wurde geändert", "Your e-mail address at Lotse was changed"),
    Form.RENEWED: Text("Ihr Passwort bei Lotse wurde geändert", "Your password at Lotse was changed"),
}
_BEFORE = {
    Form.CONFIRM: Text(
        "mit diesem Knopf bestätigen Sie, dass E-Mails von Lotse an diese Adresse bei Ihnen ankommen.",
        "with this button you confirm that e-mails from Lotse to this address reach you.",
    ),
    Form.RESET: Text(
        "jemand – vermutlich Sie – möchte für das Konto mit dieser Adresse ein neues Passwort setzen.",
        "somebody – probably you – would like to set a new password for the account with this address.",
    ),
    Form.CHANGED: Text(
        "für Ihr Konto bei Lotse ist seit eben eine andere E-Mail-Adresse eingetragen. "
        "An diese hier schreiben wir nicht mehr.",
        "another e-mail address has just been entered for your account at Lotse. We no longer write to this one.",
    ),
    Form.RENEWED: Text(
        "für Ihr Konto bei Lotse gilt seit eben ein neues Passwort. Alle Anmeldungen wurden beendet.",
        "your account at Lotse has had a new password since just now. All sessions were ended.",
    ),
}
_BUTTON = {
    Form.CONFIRM: Text("Adresse bestätigen", "Confirm address"),
    Form.RESET: Text("Neues Passwort setzen", "Set a new password"),
    Form.CHANGED: Text("Zum Impressum mit Kontakt", "Contact details"),
    Form.RENEWED: Text("Zur Anmeldung", "Sign in"),
}
_NOT_YOU = Text(
    "Das waren nicht Sie? Dann wenden Sie sich bitte gleich an die Stelle, die im Impressum genannt ist.",
    "This was not you? Then please contact the body named in the legal notice at once.",
)
_AFTER = {
    Form.CONFIRM: Text(
        "Der Link gilt zwei Tage. Sie haben kein Konto bei Lotse? Dann tun Sie einfach nichts.",
        "The link is good for two days. You have no account at Lotse? Then simply do nothing.",
    ),
    Form.RESET: Text(
        "Der Link gilt eine Stunde und nur einmal. Sie waren das nicht? Dann tun Sie einfach nichts: "
        "Ihr Passwort bleibt, wie es ist.",
        "The link is good for one hour and only once. This was not you? Then simply do nothing: "
        "your password stays as it is.",
    ),
    Form.CHANGED: _NOT_YOU,
    Form.RENEWED: _NOT_YOU,
}
_PAGE = {
    Form.CONFIRM: "address_confirm",
    Form.RESET: "password_new",
    Form.CHANGED: "imprint",
    Form.RENEWED: "sign_in",
}


async def mail_of(row: AccessMail) -> Mail | None:
    """The mail that a row stands for; None when it is for nobody, or its link would lead nowhere."""
    account = await account_of(row)
    if account is None or row.used_at is not None or await _is_of_another(row, account):
        return None
    form, language = Form(row.form), row.language
    token = token_of(row) if form in (Form.CONFIRM, Form.RESET) else ""
    letter = Letter(
        language=language,
        subject=_SUBJECT[form].get(language),
        before=[_HELLO.get(language), _BEFORE[form].get(language)],
        button=_BUTTON[form].get(language),
        url=current().url(_PAGE[form], token, language),
        after=[_AFTER[form].get(language)],
    )
    return letter_mail(current(), letter, recipient=row.address, message_id=row.message_id)


async def _is_of_another(row: AccessMail, account: Account) -> bool:
    """Whether the address that is to be confirmed belongs to another account: it would only be refused afterwards."""
    others = Account.filter(email=row.address).exclude(id=account.id)
    return row.form == Form.CONFIRM and await others.exists()

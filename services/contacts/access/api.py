"""Routes of addresses and lost passwords. What a form may be filled in for by anybody says the same about everybody."""

from __future__ import annotations

from infra.db import transaction
from infra.errors import FieldError, Invalid, Text
from infra.web.api import Api, Call
from services.contacts.access import commands, queries
from services.contacts.access.domain import Form
from services.contacts.access.schemas import Confirmation, LostPassword, NewAddress, NewPassword, Said
from services.contacts.accounts import passwords
from services.contacts.accounts.domain import check_password
from services.contacts.accounts.queries import own_account

api = Api("contacts: addresses and passwords")
_MAILED = Text(
    "Wenn es zu dieser Adresse ein Konto gibt, ist eine E-Mail mit einem Link unterwegs. Der Link gilt eine Stunde.",
    "If there is an account with this address, an e-mail with a link is on its way. The link is good for one hour.",
)
_ASKED = Text(
    "Eine E-Mail mit einem Link ist unterwegs. Öffnen Sie ihn innerhalb von zwei Tagen.",
    "An e-mail with a link is on its way. Please open it within two days.",
)
_CONFIRMED = Text("Ihre E-Mail-Adresse ist bestätigt.", "Your e-mail address is confirmed.")
_RENEWED = Text(
    "Ihr neues Passwort gilt. Bitte melden Sie sich damit an.", "Your new password is set. Please sign in with it."
)
_WRONG = Text("Das Passwort stimmt nicht.", "The password is wrong.")


@api.post("/password-resets", summary="Ask for a new password by mail", body=LostPassword, returns=Said, status=202)
async def ask_reset(call: Call) -> Said:
    """The same answer for every address."""
    async with transaction("contacts") as tx:
        await commands.ask_reset(tx, call.body.email, call.body.language)
    return Said(_MAILED.get(call.language))


@api.post("/password-resets/use", summary="Set a new password", body=NewPassword, returns=Said)
async def use_reset(call: Call) -> Said:
    """The link works once, for an hour; all sessions of the account end."""
    check_password(call.body.password)
    mail = await queries.mail_behind(Form.RESET, call.body.token)  # before hashing, which costs: forged ones end here
    password_hash = await passwords.hashed(call.body.password)
    async with transaction("contacts") as tx:
        await commands.reset(tx, mail, password_hash)
    return Said(_RENEWED.get(call.language))


@api.post("/me/address", summary="Change one's own e-mail address", body=NewAddress, returns=Said, status=202)
async def change_address(call: Call) -> Said:
    """Nothing changes until the new address is confirmed by the link that is mailed to it."""
    account = await own_account(call.identity.account)
    if not await passwords.matches(account.password_hash, call.body.password):
        raise Invalid(fields=[FieldError("password", _WRONG)])
    async with transaction("contacts") as tx:
        await commands.ask_confirmation(tx, account, call.body.email)
    return Said(_ASKED.get(call.language))


@api.post("/me/address/confirmation", summary="Ask for the confirmation mail again", returns=Said, status=202)
async def ask_confirmation(call: Call) -> Said:
    """To the address that the account has, also when mail to it came back."""
    account = await own_account(call.identity.account)
    async with transaction("contacts") as tx:
        await commands.ask_confirmation(tx, account)
    return Said(_ASKED.get(call.language))


@api.post("/addresses/confirm", summary="Confirm an e-mail address", body=Confirmation, returns=Said)
async def confirm(call: Call) -> Said:
    """By the link that was mailed there; nobody needs to be signed in."""
    mail = await queries.mail_behind(Form.CONFIRM, call.body.token)
    async with transaction("contacts") as tx:
        await commands.confirm(tx, mail)
    return Said(_CONFIRMED.get(call.language))

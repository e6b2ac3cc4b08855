"""What one says about oneself: name, public address, language, time zone."""

from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from warehouse_mfa.accounts.interfaces import AddressNotYours, IProfileService, Profile
from warehouse_mfa.authz import Permission
from warehouse_mfa.http import flash, keep_language, see_other
from warehouse_mfa.i18n import _
from warehouse_mfa.profile.forms import ProfileForm


@view_defaults(renderer="profile/profile.html", permission=Permission.PROFILE_CHANGE)
class ProfilePage:
    """A page of its own, so that the overview stays light; its form is sent to the overview."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.profiles: IProfileService = request.find_service(IProfileService)
        self.own = self.profiles.profile(request.identity.user_id)

    @view_config(route_name="profile.profile", request_method="GET")
    def show(self) -> dict[str, Any]:
        said = self.own.profile
        form = ProfileForm(
            addresses=self.own.addresses,
            name=said.name,
            public_email=said.public_address,
            language=said.locale,
            time_zone=said.time_zone,
        )
        return {"form": form}

    @view_config(route_name="profile.manage", request_method="POST")
    def change(self) -> dict[str, Any] | Response:
        form = ProfileForm(self.request.form, addresses=self.own.addresses)
        if form.validate():
            try:
                self.profiles.change(
                    self.request.identity.user_id,
                    Profile(
                        form.name.data,
                        form.public_email.data,
                        form.language.data,
                        form.time_zone.data,
                    ),
                )
            except AddressNotYours as refusal:
                form.refuse(refusal.field, refusal.message)
            else:
                keep_language(self.request, form.language.data)
                flash(self.request, _("Your profile is changed."))
                return see_other(self.request, "profile.manage")
        self.request.response.status_int = 422
        return {"form": form}

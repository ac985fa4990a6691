"""core_webservice_get_site_info: who I am, which Moodle this is, what this token may call. Source: docs/vendors/moodle.md §8."""

from __future__ import annotations

from integrations.sandbox.emulators.moodle.call import Call, Function
from integrations.sandbox.emulators.moodle.describe import DEFAULT, Multiple, Single, Value
from integrations.sandbox.emulators.moodle.store import Row

RELEASES = {
    "3.11": ("3.11.18 (Build: 20231211)", "2021051718"),
    "4.1": ("4.1.10 (Build: 20240422)", "2022112810"),
    "4.5": ("4.5.5+ (Build: 20250718)", "2024100705"),
}


def get_site_info(call: Call) -> Row:
    release, version = RELEASES.get(call.settings.release, (f"{call.settings.release} (Build: 20260420)", "2026042000"))
    me = call.store.row("SELECT * FROM user WHERE username = ?", call.token.username) or {}
    return {
        "sitename": call.settings.site_name,
        "username": call.token.username,
        "firstname": me.get("firstname", ""),
        "lastname": me.get("lastname", ""),
        "fullname": f"{me.get('firstname', '')} {me.get('lastname', '')}".strip(),
        "lang": me.get("lang", "en"),
        "userid": me.get("id", 0),
        "siteurl": call.base_url,
        "userpictureurl": f"{call.base_url}/theme/image.php/boost/core/1/u/f1",
        "functions": [{"name": name, "version": version} for name in call.functions],
        "downloadfiles": 0,
        "uploadfiles": 0,
        "release": release,
        "version": version,
        "mobilecssurl": "",
        "advancedfeatures": [{"name": "enablecompletion", "value": 1}, {"name": "usetags", "value": 1}],
        "usercanmanageownfiles": False,
        "userquota": 0,
        "usermaxuploadfilesize": -1,
        "userhomepage": 0,
        "siteid": 1,
        "sitecalendartype": "gregorian",
        "usercalendartype": "gregorian",
        "userissiteadmin": bool(me.get("siteadmin")),
        "theme": "boost",
    }


_SERVICES = Multiple(Value("alphanumext"), DEFAULT)  # an old argument that does nothing any more
FUNCTIONS: dict[str, Function] = {"core_webservice_get_site_info": Function(get_site_info, Single({"serviceshortnames": _SERVICES}))}

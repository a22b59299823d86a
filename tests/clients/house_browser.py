"""A browser without script in front of a house that runs: forms are read from its pages and sent."""

import re
from html import unescape

import httpx

from tests.journey.installation import Installation

OIDC = "/settings/authentication/oidc"
CANDIDATE = "/settings/authentication/candidates/oidc"


def form_of(page: httpx.Response, containing: str = "") -> tuple[str, dict[str, str]]:
    """Where the form goes that has *containing* in it, and what its fields hold."""
    for opening, inside in re.findall(r"(<form[^>]*>)(.*?)</form>", page.text, re.DOTALL):
        if containing in opening + inside:
            action = re.search(r'action="([^"]*)"', opening)
            fields = dict(map(_field, re.findall(r"<input[^>]*>", inside)))
            return unescape(action[1]) if action else "", {name: value for name, value in fields.items() if name}
    raise AssertionError(f"no form with {containing!r}: {words(page)}")


def _field(tag: str) -> tuple[str, str]:
    name, value = (re.search(rf'\b{each}="([^"]*)"', tag) for each in ("name", "value"))
    if 'type="checkbox"' in tag and " checked" not in tag:
        return "", ""
    return (name[1] if name else ""), unescape(value[1]) if value else ""


def words(page: httpx.Response) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.text)))


class HouseBrowser:
    """Its cookies are of the house; the providers' are kept apart, in *there*, which several may share."""

    def __init__(self, place: Installation, there: httpx.Client) -> None:
        self.house, self.there = place.house, there
        self.client = httpx.Client(base_url=place.house, headers={"user-agent": "Test browser"})

    def close(self) -> None:
        self.client.close()

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path)

    def send(self, page: str, containing: str, to: str = "", **fields: str) -> httpx.Response:
        """Fill in the form of *page* that has *containing* in it, and send it (*to* another address)."""
        action, entered = form_of(self.get(page), containing)
        return self.client.post(to or action, data={**entered, **fields}, headers={"origin": self.house})

    def log_in(self, email: str, password: str) -> None:
        answer = self.send("/user/login?local=1", 'name="password"', email=email, password=password)
        assert answer.status_code == 303, words(answer)

    def sign_in(self, sign_in_there: object) -> httpx.Response:
        """Press the provider's button, sign in there, come back."""
        departure = self.get("/oauth2/authorization/oidc")
        assert departure.status_code == 303, words(departure)
        assert callable(sign_in_there)
        return self.client.get(sign_in_there(self.there, departure.headers["location"]))

    @property
    def is_signed_in(self) -> bool:
        return self.get("/user/account").status_code == 200

"""``poolhouse up --https``: both programs are reached by whoever trusts the authority that it made, and by nobody else."""

import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from tests.clients.browser import Browser, printed
from tests.system.programs import Running, an_address

pytestmark = pytest.mark.client


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("https")


@pytest.fixture(scope="module")
def authority(folder: Path) -> Path:
    return folder / "kept" / "ca.pem"


@pytest.fixture(scope="module")
def program(folder: Path, authority: Path) -> Iterator[Running]:
    with pytest.MonkeyPatch.context() as patch:
        # The authority is made at the start that it is needed for.
        patch.setenv("SSL_CERT_FILE", str(authority))
        with an_address().up(folder, "--https") as running:
            yield running


def test_a_client_that_trusts_the_authority_is_served(program: Running, authority: Path) -> None:
    client = boto3.client(
        "cognito-idp", endpoint_url=program.base, region_name="us-east-1", aws_access_key_id="any",
        aws_secret_access_key="any", verify=str(authority),
    )  # fmt: skip
    pools = client.list_user_pools(MaxResults=10)["UserPools"]
    client.close()

    assert ["Demo"] == [each["Name"] for each in pools]


@pytest.mark.parametrize("which", ["base", "house"])
def test_a_client_that_does_not_trust_it_goes_away(program: Running, which: str) -> None:
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        urllib.request.urlopen(getattr(program, which) + "/health/live", context=_strict())


def _strict() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=_stranger())
    return context


def _stranger() -> str:
    import trustme

    return trustme.CA().cert_pem.bytes().decode()


def test_the_authoritys_key_is_not_kept_and_ours_is_ours_alone(program: Running, authority: Path) -> None:
    kept = {path.name: path for path in authority.parent.iterdir()}

    assert {"ca.pem", "certificate.pem", "certificate.key"} == {
        name for name in kept if name.startswith(("ca.", "certificate."))
    }
    assert kept["certificate.key"].stat().st_mode & 0o077 == 0
    assert kept["master.key"].stat().st_mode & 0o077 == 0


def test_the_demo_signs_in_over_https_with_secure_cookies(program: Running, authority: Path) -> None:
    browser = Browser(program.base, program.house, trusting=authority)
    home = browser.sign_in(
        browser.go("GET", program.house + "/oauth2/authorization/oidc"), *printed(program.log, "Demo user")
    )

    assert (200, program.house + "/") == (home.status_code, str(home.url))
    cookies = list(browser.http.cookies.jar)
    assert cookies
    assert [] == [each.name for each in cookies if not each.secure]
    assert [] == [each.name for each in cookies if each.path == "/" and not each.name.startswith("__Host-")]
    browser.http.close()

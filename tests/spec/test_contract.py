"""The contract files say what the model of the API says."""

import subprocess
import sys
from pathlib import Path

import msgspec

from poolhouse.pool.spec import shapes

ROOT = Path(__file__).resolve().parents[2]


def run_generator(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "tools" / "spec.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_generated_files_are_what_the_model_gives() -> None:
    finished = run_generator("--check")

    assert (finished.returncode, finished.stderr) == (0, "")


def test_irregular_names_keep_their_spelling_on_the_wire() -> None:
    request = shapes.CreateUserPoolClientRequest(user_pool_id="eu-1_a", client_name="web", callback_urls=["https://a"])

    assert msgspec.to_builtins(request) == {
        "UserPoolId": "eu-1_a",
        "ClientName": "web",
        "CallbackURLs": ["https://a"],
    }


def test_the_repr_of_a_request_shows_no_password() -> None:
    request = shapes.AdminSetUserPasswordRequest(user_pool_id="eu-1_a", username="ann", password="Tr0ub4dor&3")

    assert repr(request) == "AdminSetUserPasswordRequest(user_pool_id='eu-1_a', username=***, password=***)"


def test_a_blob_is_base64_on_the_wire() -> None:
    request = msgspec.convert({"UserPoolId": "eu-1_a", "ImageFile": "aGk="}, shapes.SetUICustomizationRequest)

    assert request.image_file == b"hi"

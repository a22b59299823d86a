"""``poolhouse house proxy-config`` and ``check-proxy``: another proxy in front of an app."""

import os
from pathlib import Path

import click

KINDS = ("nginx", "caddy", "traefik", "envoy", "apache")


@click.command("proxy-config")
@click.option("--database", help="The database of a served house; the key is POOLHOUSE_MASTER_KEY.")
@click.option("--data", type=click.Path(path_type=Path), help="The directory of `poolhouse up`.")
@click.option("--house", default="127.0.0.1:8500", show_default=True, help="Where the proxy reaches the house.")
@click.option("--upstream", default="", help="Where the proxy reaches the app.")
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("app")
def proxy_config(data: Path | None, database: str | None, house: str, upstream: str, kind: str, app: str) -> None:
    """Print the configuration of a proxy for APP, by its name or its URL; docs/gateway.md says where it belongs."""
    from poolhouse.cli import break_glass, proxies  # noqa: PLC0415
    from poolhouse.cli.server import in_one_sentence, run_loop  # noqa: PLC0415
    from poolhouse.kit import log  # noqa: PLC0415

    log.configure("error")
    with in_one_sentence():
        base = os.environ.get("POOLHOUSE_BASE_URL") or ("http://localhost" if database else None)
        settings = break_glass.house_of(data, database, base, os.environ.get("POOLHOUSE_MASTER_KEY"))
    run_loop(proxies.print_config(settings, kind, app, house=house, upstream=upstream))


@click.command("check-proxy")
@click.option("--connect", default="", metavar="HOST:PORT", help="Connect there, whatever the name in URL resolves to.")
@click.option("--canary", default="", help="A text that the app has in each of its answers.")
@click.option("--cookie", default="", metavar="NAME=VALUE", envvar="POOLHOUSE_CHECK_COOKIE",
              help="Of a browser that is signed in at the app; better by POOLHOUSE_CHECK_COOKIE.")  # fmt: skip
@click.option("--header", "names", multiple=True, help="A header that tells the app who it is, if not the usual ones.")
@click.option("--insecure", is_flag=True, help="Do not verify the chain's certificate.")
@click.option("--json", "as_json", is_flag=True, help="The results as JSON.")
@click.argument("url")
def check_proxy(
    url: str, connect: str, canary: str, cookie: str, names: tuple[str, ...], *, insecure: bool, as_json: bool
) -> None:
    """Fire ordinary and hostile requests at the app at URL, and say which of them the chain in front of it holds.

    Nothing is changed there: no request has a session unless --cookie gives one. The exit code is 1 when one fails.
    """
    from poolhouse.cli import proxies  # noqa: PLC0415
    from poolhouse.cli.server import in_one_sentence, run_loop  # noqa: PLC0415

    with in_one_sentence():
        plan = proxies.plan_of(url, connect=connect, canary=canary, cookie=cookie, names=names, insecure=insecure)
    run_loop(proxies.print_check(plan, as_json=as_json))

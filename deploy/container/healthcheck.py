"""Exit 0 when the gateway in this container answers /healthz, 1 otherwise. Standard library only.

Asks by the loopback name, which the gateway's Host check always allows, and never through a proxy.
"""

import http.client
import os
import sys


def is_healthy(port: int, timeout_s: float = 4.0) -> bool:
    """Whether 127.0.0.1:`port` answers 200 on /healthz in time."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if is_healthy(int(os.environ.get("PORT") or "4141")) else 1)

"""Entry of the worker process of the `python` backend: answers requests in JSON lines until its input ends."""

from rankfleet_worker.server import serve

if __name__ == "__main__":
    serve()

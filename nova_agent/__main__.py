"""``python -m nova_agent`` is ``nova-agent``."""

from nova_agent.cli import main

if __name__ == "__main__":
    main()

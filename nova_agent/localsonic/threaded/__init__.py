"""Local Sonic in a thread of its own, for programs and tests that have no event loop, or another one."""

"""A house in small to run the runtime with: left tells about things, right hears of them, a gateway shows both."""

"""Another deployment of this function as an engine: pages go there over HTTP and come back read.

engine        a page's way there and back, with what is tried again
connections   connections that are kept, and given up the moment nobody waits
circuit       nobody waits for what is known to be down
identity      what reads there, learnt from its answers, so that asking wakes nobody
wire          a page as a request, an answer as a reading
address       where it is, and what it is shown

A service of CPUs in front, and one with a GPU behind it that sleeps until a page needs it, are made so.
"""

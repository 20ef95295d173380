// Shares loops among as many threads as TensorFlow computes with. The threads are started once and sleep in between.
#pragma once
#include <cstdint>
#include <functional>

/** The largest number of parts that in_parallel makes. */
int64_t max_parts();

/**
 * Calls work(begin, end, part) on consecutive parts of 0 … n, several at once, and returns when all are done. There
 * are more parts than threads, so that a thread that is held up does not hold up the others for long. Where they begin
 * depends on n and the number of threads alone: sums over parts, added in their order, are the same each time. For n =
 * 0 nothing is called.
 * @param least the fewest items worth a part of their own
 * @throws the first exception that work throws; parts that have not begun by then are left out
 */
void in_parallel(int64_t n, int64_t least, const std::function<void(int64_t begin, int64_t end, int64_t part)>& work);

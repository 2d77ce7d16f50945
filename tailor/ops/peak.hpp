// What this machine could do at most, measured: the yardstick of every efficiency we print.
#pragma once

namespace tailor::internal {

struct Peak {
  int threads = 1;
  double f32_gflops = 0;       // fused multiply-adds in registers, all threads, 2 FLOP each
  double bf16_gflops = 0;      // the same with bf16 dot products; 0 where the CPU has none
  double memory_gb_per_s = 0;  // reading and writing arrays larger than the caches
};

// About half a second; 0 threads = all usable cores.
Peak measure_peak(int threads);

}  // namespace tailor::internal

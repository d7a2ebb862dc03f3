# Read by CMake inside llama.cpp (CMAKE_PROJECT_llama.cpp_INCLUDE): leave out the library for its own
# command-line tools, which Python never loads. Compiling takes 115 s instead of 281 s on two cores.
set(LLAMA_BUILD_COMMON OFF)
# For any processor with AVX2, not for the one that compiles: pip keeps the wheel, machines change, and
# where a virtual machine announces AMX without letting it be used, native code ends in SIGILL.
set(GGML_NATIVE OFF)

/* TARGET_BEGIN("features") ... TARGET_END: compile what stands between for an instruction set above the base.
 * GCC wants the pragma before the intrinsics' header, clang applies an attribute to the functions that follow. */
#if defined(__clang__)
#define W2V_PRAGMA(x) _Pragma(#x)
#define TARGET_BEGIN(features) W2V_PRAGMA(clang attribute push(__attribute__((target(features))), apply_to = function))
#define TARGET_END _Pragma("clang attribute pop")
#elif defined(__GNUC__)
#define W2V_PRAGMA(x) _Pragma(#x)
#define TARGET_BEGIN(features) W2V_PRAGMA(GCC push_options) W2V_PRAGMA(GCC target(features))
#define TARGET_END _Pragma("GCC pop_options")
#else
#define TARGET_BEGIN(features)
#define TARGET_END
#endif

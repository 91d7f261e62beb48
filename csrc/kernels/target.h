/* TARGET_BEGIN("features") ... TARGET_END: compile the code in between for an instruction set above the base.
 * GCC needs the pragma before the header of the intrinsics; clang applies an attribute to the functions that follow. */
#ifndef W2V_TARGET_H
#define W2V_TARGET_H

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

#endif

//===- ModelInputs.h - Images and arrays as a model's inputs ----*- C++ -*-===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#ifndef SHIFT_PIPELINES_MODELINPUTS_H
#define SHIFT_PIPELINES_MODELINPUTS_H

#include "shift/Detection/ImageInput.h"
#include "shift/Pipelines/Engine.h"

namespace shift::pipelines {

/// The files that `paths` name, folders replaced by their files with one of
/// the endings, sorted. No file at all is an error.
llvm::Expected<std::vector<std::string>>
listFiles(llvm::ArrayRef<std::string> paths,
          llvm::ArrayRef<llvm::StringRef> endings);

/// Endings of the images that can be read.
llvm::ArrayRef<llvm::StringRef> imageEndings();

/// Says on stderr what is assumed of a model that does not say how it takes
/// images.
void warnOfImageInput();

/// How images become the model's only input: the module's description, or plain
/// pixels without one, with the input's own size. An error where there is no
/// such input.
llvm::Expected<detection::ImageInput> getImageInput(const Engine &engine);

/// The model's input made from an image; `input` is getImageInput's.
llvm::Expected<NpyArray> makeImageArray(const detection::Image &image,
                                        const detection::ImageInput &input,
                                        const Engine &engine);

/// One array an input, in the model's order, from words `x.npy` or
/// `name=x.npy`.
llvm::Expected<std::vector<NpyArray>>
readArrayInputs(llvm::ArrayRef<std::string> words, const Engine &engine);

} // namespace shift::pipelines

#endif // SHIFT_PIPELINES_MODELINPUTS_H

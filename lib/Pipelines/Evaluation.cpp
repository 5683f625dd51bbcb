//===- Evaluation.cpp - shift-run --eval ----------------------------------===//
// SPDX-License-Identifier: Apache-2.0
//===----------------------------------------------------------------------===//
#include "Evaluation.h"
#include "shift/Pipelines/CommandLine.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"

using namespace llvm;

namespace shift::pipelines {

/// Classes are matched by name.
static Expected<std::vector<int>> matchClasses(ArrayRef<std::string> own,
                                               ArrayRef<std::string> wanted) {
  std::vector<int> labels;
  for (const std::string &name : own) {
    auto found = find(wanted, name);
    labels.push_back(found == wanted.end() ? -1 : int(found - wanted.begin()));
  }
  if (any_of(labels, [](int label) { return label >= 0; }))
    return labels;
  return makeError("--eval: no class of the detector (" +
                   (own.empty() ? std::string("none") : own.front() + ", ...") +
                   ") is one of the dataset (" + wanted.front() +
                   ", ...); name them in --detector=FILE.json");
}

Expected<Evaluation> Evaluation::create(StringRef flag,
                                        ArrayRef<std::string> folders,
                                        ArrayRef<std::string> classes) {
  Evaluation evaluation;
  std::string text = flag.str();
  if (flag.starts_with("voc:")) {
    if (!folders.empty())
      return makeUsageError("--eval=voc:FOLDER,SPLIT has images of its own; "
                            "leave --image");
  } else {
    if (folders.size() != 1)
      return makeUsageError("--eval=FILE.json needs --image FOLDER, the one "
                            "that holds its images");
    text += "," + folders.front();
  }
  std::string error = detection::readDataset(text, evaluation.dataset);
  if (!error.empty())
    return makeError("--eval: " + error);
  auto labels = matchClasses(classes, evaluation.dataset.classes);
  if (!labels)
    return labels.takeError();
  evaluation.labels = std::move(*labels);
  return std::move(evaluation);
}

std::vector<std::string> Evaluation::getFiles() const {
  std::vector<std::string> files;
  for (const detection::LabelledImage &image : dataset.images)
    files.push_back(image.file);
  return files;
}

void Evaluation::print(
    std::vector<std::vector<detection::Detection>> found) const {
  for (std::vector<detection::Detection> &image : found)
    for (detection::Detection &box : image)
      box.label = size_t(box.label) < labels.size() ? labels[box.label] : -1;
  const detection::AveragePrecision result =
      detection::evaluate(dataset, found);
  auto line = [](StringRef name, double value) {
    outs() << name << " " << format("%.12f", value) << "\n";
  };
  line("AP", result.ap);
  line("AP50", result.ap50);
  line("AP75", result.ap75);
  line("APs", result.small);
  line("APm", result.medium);
  line("APl", result.large);
  line("AR1", result.recall1);
  line("AR10", result.recall10);
  line("AR100", result.recall100);
  line("ARs", result.recallSmall);
  line("ARm", result.recallMedium);
  line("ARl", result.recallLarge);
  outs() << "       AP     AP50  class\n";
  for (auto [name, ap, ap50] :
       zip_equal(dataset.classes, result.classAp, result.classAp50))
    outs() << format("%9.4f%9.4f  %s\n", ap, ap50, name.c_str());
}

} // namespace shift::pipelines

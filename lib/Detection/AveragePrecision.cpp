//===- AveragePrecision.cpp - COCO's metric of detectors ------------------===//
// SPDX-License-Identifier: Apache-2.0
// Float64 in the order of pycocotools, so that results agree to its last
// digits.
//===----------------------------------------------------------------------===//
#include "shift/Detection/AveragePrecision.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace shift::detection {
namespace {

constexpr int maxDetections = 100;
constexpr double hugeArea = 1e10;

/// Objects whose area lies in the range count; both ends are inside.
struct AreaRange {
  double least, most;

  bool contains(double area) const { return area >= least && area <= most; }
};
constexpr AreaRange anyArea{0, hugeArea}, smallArea{0, 32.0 * 32},
    mediumArea{32.0 * 32, 96.0 * 96}, largeArea{96.0 * 96, hugeArea};

double iouThreshold(int t) {
  const double step = (0.95 - 0.5) / (iouThresholds - 1);
  return t == iouThresholds - 1 ? 0.95 : 0.5 + t * step;
}

double recallThreshold(int r) {
  return r == recallThresholds - 1 ? 1.0 : r * (1.0 / (recallThresholds - 1));
}

/// Sorts by falling score; equal scores keep their order.
template <typename T>
void sortBestFirst(std::vector<T> &items) {
  std::vector<size_t> order(items.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return items[a].score != items[b].score ? items[a].score > items[b].score
                                            : a < b;
  });
  std::vector<T> sorted;
  for (size_t i : order)
    sorted.push_back(items[i]);
  items = std::move(sorted);
}

/// A detection's box as COCO's results have it.
struct Found {
  double x, y, width, height, score;

  double area() const { return width * height; }
};

/// Intersection over union; over the detection alone where the object is a
/// crowd.
double overlapOf(const Found &found, const GroundTruth &object) {
  const double w = std::min(found.x + found.width, object.x + object.width) -
                   std::max(found.x, object.x);
  const double h = std::min(found.y + found.height, object.y + object.height) -
                   std::max(found.y, object.y);
  if (w <= 0 || h <= 0)
    return 0;
  const double overlap = w * h;
  const double all =
      object.isCrowd ? found.area()
                     : found.area() + object.width * object.height - overlap;
  return overlap / all;
}

/// The detections and objects of one class in one image.
struct ClassInImage {
  std::vector<Found> found;
  std::vector<GroundTruth> objects;
  /// overlaps[d * objects.size() + g].
  std::vector<double> overlaps;
};

/// What became of one detection at one IoU threshold.
struct Outcome {
  double score;
  bool isRight, isIgnored;
};

/// What matching gives for one class, object size and number of detections.
struct Outcomes {
  std::array<std::vector<Outcome>, iouThresholds> at;
  int64_t objects = 0;
};

/// Matches an image's detections, best first, to its objects.
class Matcher {
public:
  Matcher(const ClassInImage &image, const AreaRange &range)
      : image(image), range(range) {
    for (const GroundTruth &object : image.objects)
      isIgnored.push_back(object.isIgnored || object.isCrowd ||
                          !range.contains(object.area));
    order.resize(image.objects.size());
    std::iota(order.begin(), order.end(), size_t{0});
    // Those that count are tried first.
    std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
      return isIgnored[a] != isIgnored[b] ? isIgnored[b] : a < b;
    });
  }

  int64_t countObjects() const {
    return std::count(isIgnored.begin(), isIgnored.end(), false);
  }

  void match(double threshold, size_t limit, std::vector<Outcome> &outcomes) {
    isTaken.assign(image.objects.size(), false);
    for (size_t d = 0; d < std::min(limit, image.found.size()); ++d) {
      const int64_t best = findBest(d, threshold);
      const bool isIgnoredHere =
          best >= 0 ? isIgnored[best] : !range.contains(image.found[d].area());
      if (best >= 0)
        isTaken[best] = true;
      outcomes.push_back({image.found[d].score, best >= 0, isIgnoredHere});
    }
  }

private:
  /// The object with the largest overlap of at least the threshold, -1 if there
  /// is none; one that counts before one that is ignored.
  int64_t findBest(size_t d, double threshold) const {
    double least = std::min(threshold, 1 - 1e-10);
    int64_t best = -1;
    for (size_t g : order) {
      if (isTaken[g] && !image.objects[g].isCrowd)
        continue;
      if (best >= 0 && !isIgnored[best] && isIgnored[g])
        break;
      const double overlap = image.overlaps[d * image.objects.size() + g];
      if (overlap < least)
        continue;
      least = overlap;
      best = static_cast<int64_t>(g);
    }
    return best;
  }

  const ClassInImage &image;
  const AreaRange &range;
  std::vector<bool> isIgnored, isTaken;
  std::vector<size_t> order;
};

Outcomes matchAll(const std::vector<ClassInImage> &images,
                  const AreaRange &range, size_t limit) {
  Outcomes outcomes;
  for (const ClassInImage &image : images) {
    Matcher matcher(image, range);
    outcomes.objects += matcher.countObjects();
    for (int t = 0; t < iouThresholds; ++t)
      matcher.match(iouThreshold(t), limit, outcomes.at[t]);
  }
  for (std::vector<Outcome> &at : outcomes.at)
    sortBestFirst(at);
  return outcomes;
}

/// Recall and precision behind each detection that is not ignored or right.
struct Curve {
  std::vector<double> recall, precision;
};

Curve curveOf(const std::vector<Outcome> &outcomes, int64_t objects) {
  Curve curve;
  double right = 0, wrong = 0;
  for (const Outcome &outcome : outcomes) {
    right += outcome.isRight && !outcome.isIgnored;
    wrong += !outcome.isRight && !outcome.isIgnored;
    curve.recall.push_back(right / static_cast<double>(objects));
    curve.precision.push_back(
        right / (wrong + right + std::numeric_limits<double>::epsilon()));
  }
  // Precision never rises again with recall.
  for (size_t i = curve.precision.size(); i-- > 1;)
    curve.precision[i - 1] =
        std::max(curve.precision[i - 1], curve.precision[i]);
  return curve;
}

double largestRecall(const Curve &curve) {
  return curve.recall.empty() ? 0 : curve.recall.back();
}

PrecisionCurve interpolate(const Curve &curve) {
  PrecisionCurve result{};
  for (int r = 0; r < recallThresholds; ++r) {
    auto at = std::lower_bound(curve.recall.begin(), curve.recall.end(),
                               recallThreshold(r));
    if (at != curve.recall.end())
      result[r] = curve.precision[at - curve.recall.begin()];
  }
  return result;
}

/// The mean of what was added, -1 if that was nothing.
class Mean {
public:
  void add(double value) {
    sum += value;
    ++count;
  }
  void add(const PrecisionCurve &curve) {
    for (double value : curve)
      add(value);
  }
  double value() const {
    return count == 0 ? -1 : sum / static_cast<double>(count);
  }

private:
  double sum = 0;
  int64_t count = 0;
};

std::vector<ClassInImage>
collect(const Dataset &dataset,
        const std::vector<std::vector<Detection>> &detections, int label) {
  std::vector<ClassInImage> images(dataset.images.size());
  for (size_t i = 0; i < images.size(); ++i) {
    ClassInImage &image = images[i];
    for (const Detection &d : detections[i])
      if (d.label == label) {
        const double x = d.x0, y = d.y0;
        image.found.push_back(
            {x, y, double(d.x1) - x, double(d.y1) - y, double(d.score)});
      }
    sortBestFirst(image.found);
    if (image.found.size() > maxDetections)
      image.found.resize(maxDetections);
    for (const GroundTruth &object : dataset.images[i].boxes)
      if (object.label == label)
        image.objects.push_back(object);
    for (const Found &found : image.found)
      for (const GroundTruth &object : image.objects)
        image.overlaps.push_back(overlapOf(found, object));
  }
  return images;
}

} // namespace

AveragePrecision
evaluate(const Dataset &dataset,
         const std::vector<std::vector<Detection>> &detections) {
  const int classes = static_cast<int>(dataset.classes.size());
  AveragePrecision result;
  result.classAp.assign(classes, -1);
  result.classAp50.assign(classes, -1);
  result.curves.assign(classes, PrecisionCurve{});
  Mean ap, ap50, ap75, recalls[3];
  const AreaRange ranges[] = {smallArea, mediumArea, largeArea};
  Mean sizes[3], sizeRecalls[3];
  for (int label = 0; label < classes; ++label) {
    const std::vector<ClassInImage> images =
        collect(dataset, detections, label);
    const Outcomes all = matchAll(images, anyArea, maxDetections);
    Mean own;
    for (int t = 0; all.objects > 0 && t < iouThresholds; ++t) {
      const Curve curve = curveOf(all.at[t], all.objects);
      const PrecisionCurve precision = interpolate(curve);
      own.add(precision);
      ap.add(precision);
      recalls[2].add(largestRecall(curve));
      if (t == 0) {
        ap50.add(precision);
        Mean mean;
        mean.add(precision);
        result.classAp50[label] = mean.value();
        result.curves[label] = precision;
      }
      if (t == iouThresholds / 2)
        ap75.add(precision);
    }
    result.classAp[label] = own.value();
    for (int s = 0; s < 3; ++s) {
      const Outcomes some = matchAll(images, ranges[s], maxDetections);
      for (int t = 0; some.objects > 0 && t < iouThresholds; ++t) {
        const Curve curve = curveOf(some.at[t], some.objects);
        sizes[s].add(interpolate(curve));
        sizeRecalls[s].add(largestRecall(curve));
      }
    }
    const size_t limits[] = {1, 10};
    for (int l = 0; l < 2; ++l) {
      const Outcomes best = matchAll(images, anyArea, limits[l]);
      for (int t = 0; best.objects > 0 && t < iouThresholds; ++t)
        recalls[l].add(largestRecall(curveOf(best.at[t], best.objects)));
    }
  }
  result.ap = ap.value();
  result.ap50 = ap50.value();
  result.ap75 = ap75.value();
  result.small = sizes[0].value();
  result.medium = sizes[1].value();
  result.large = sizes[2].value();
  result.recall1 = recalls[0].value();
  result.recall10 = recalls[1].value();
  result.recall100 = recalls[2].value();
  result.recallSmall = sizeRecalls[0].value();
  result.recallMedium = sizeRecalls[1].value();
  result.recallLarge = sizeRecalls[2].value();
  return result;
}

} // namespace shift::detection

//===- CertifyAccumulators.cpp - The overflow certificate -----------------===//
// SPDX-License-Identifier: Apache-2.0
// Attaches to every fixed-point layer of constant weights the proof of how
// large its sums can become, from which kernels take the widths of their
// accumulators. How many products they sum before they widen follows the same
// limits (magnitudeLimit in FixedPoint.h) for the order in which the kernel at
// hand sums. Runs last before a conversion to kernels, when types, weights
// and biases are final.
//===----------------------------------------------------------------------===//
#include "dialects/Shift/IR/ShiftCertificate.h"
#include "dialects/Shift/Transforms/Passes.h"
#include "mlir/IR/Remarks.h"
#include "mlir/IR/Threading.h"
#include "llvm/Support/FormatVariadic.h"

namespace mlir::shift {
#define GEN_PASS_DEF_CERTIFYACCUMULATORSPASS
#include "dialects/Shift/Transforms/Passes.h.inc"
} // namespace mlir::shift

using namespace mlir;
using namespace mlir::shift;

namespace {

/// What is found of one op: a certificate, or why there is none.
struct Finding {
  Operation *op;
  CertificateAttr certificate;
  std::string reason;

  void find() {
    std::optional<ConstantLayer> layer = ConstantLayer::get(op, reason);
    if (!layer)
      return;
    int64_t channel = 0;
    FailureOr<CertificateAttr> made = layer->certify(op->getContext(), channel);
    if (succeeded(made))
      certificate = *made;
    else
      reason = llvm::formatv("channel {0} needs more than 128 bits", channel);
  }
};

std::string describe(Operation *op) {
  CertificateAttr certificate = getCertificate(op);
  return llvm::formatv("sums take {0} bits, {1} with bias and rounding; of {2} "
                       "products any {3} fit 16 bits, any {4} 32 bits",
                       certificate.getSumBits(), certificate.getBoundBits(),
                       certificate.getChunk(),
                       leastProducts(op, certificate.getFits16()),
                       leastProducts(op, certificate.getFits32()));
}

void report(const Finding &finding) {
  auto name = finding.op->getAttrOfType<StringAttr>("node_name");
  auto options = remark::RemarkOpts::name("Certificate")
                     .category("shift-certify")
                     .function(name ? name.getValue() : StringRef());
  Location loc = finding.op->getLoc();
  std::string text = finding.op->getName().getStringRef().str();
  if (name)
    text += " '" + name.str() + "'";
  if (finding.certificate)
    remark::passed(loc, options) << text + ": " + describe(finding.op);
  else
    remark::missed(loc, options) << text + ": " + finding.reason;
}

struct CertifyAccumulatorsPass
    : mlir::shift::impl::CertifyAccumulatorsPassBase<CertifyAccumulatorsPass> {
  using Base::Base;
  void runOnOperation() override {
    std::vector<Finding> findings;
    getOperation().walk([&](Operation *op) {
      if (isa<Conv2DOp, LinearOp>(op) &&
          getFixedPoint(op->getOperand(0).getType()))
        findings.push_back({op, {}, {}});
    });
    parallelForEach(&getContext(), findings,
                    [](Finding &finding) { finding.find(); });
    for (const Finding &finding : findings) {
      if (finding.certificate)
        finding.op->setAttr(CertificateAttr::attributeName,
                            finding.certificate);
      else
        finding.op->removeAttr(CertificateAttr::attributeName);
      report(finding);
    }
  }
};

} // namespace

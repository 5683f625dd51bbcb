// RUN: shift-compile %s --strategy=dot8 -o %t.dot8.so
// RUN: llvm-objdump -d --no-show-raw-insn %t.dot8.so > %t.dot8.txt
// RUN: FileCheck %s --check-prefix=DOT8 --input-file=%t.dot8.txt
// RUN: shift-compile %s --strategy=dot16 -o %t.dot16.so
// RUN: llvm-objdump -d --no-show-raw-insn %t.dot16.so > %t.dot16.txt
// RUN: FileCheck %s --check-prefix=DOT16 --input-file=%t.dot16.txt

// AVX2 widens the int16 sums of groups.
// DOT8-LABEL: __dot8__avx2>:
// DOT8:         vpmaddubsw {{.*}}%ymm
// DOT8:         vpmaddwd {{.*}}%ymm
// DOT8-LABEL: __dot8__avx512>:
// DOT8:         vpmaddubsw {{.*}}%zmm
// DOT8:         vpmaddwd {{.*}}%zmm
// With VNNI each of them is one instruction. A tile of 3 channels x 4 vectors
// takes 7 loads of vectors for 12 of them.
// DOT8-LABEL: __dot8__avx512vnni>:
// DOT8-NOT:     vpmadd
// DOT8-COUNT-4: vmovdqu64 {{.*}}(%{{.*}}), %zmm
// DOT8:         vpbroadcastd {{.*}}(%{{.*}}), %zmm
// DOT8-NEXT:    vpdpbusd {{.*}}%zmm
// DOT8-NEXT:    vpdpbusd {{.*}}%zmm
// DOT8-NEXT:    vpdpbusd {{.*}}%zmm
// DOT8-NEXT:    vpdpbusd {{.*}}%zmm
// DOT8-NEXT:    vpbroadcastd {{.*}}(%{{.*}}), %zmm
// DOT8-NEXT:    vpdpbusd {{.*}}%zmm
// DOT8-NOT:     vpmadd

// DOT16-LABEL: __dot16__avx2>:
// DOT16:         vpmaddwd {{.*}}%ymm
// DOT16-LABEL: __dot16__avx512>:
// DOT16:         vpmaddwd {{.*}}%zmm
// Two steps of 6 channels x 4 vectors: 20 loads of vectors for 48 products.
// DOT16-LABEL: __dot16__avx512vnni>:
// DOT16-NOT:      vpmadd
// DOT16:          vpbroadcastd {{.*}}(%{{.*}}), %zmm
// DOT16-NEXT:     vpdpwssd {{.*}}%zmm
// DOT16-NEXT:     vpdpwssd {{.*}}%zmm
// DOT16-NEXT:     vpdpwssd {{.*}}%zmm
// DOT16-NEXT:     vpdpwssd {{.*}}%zmm
// DOT16-NEXT:     vpbroadcastd {{.*}}(%{{.*}}), %zmm
// DOT16-COUNT-44: vpdpwssd {{.*}}%zmm
// DOT16-NOT:      vpmadd
!u8 = !quant.uniform<u8:f32, 0.125>
!s8 = !quant.uniform<i8:f32, 0.125>
func.func @main(%x: tensor<1x16x8x8x!u8> {onnx.name = "x"})
    -> (tensor<1x6x8x8x!s8> {onnx.name = "y"}) {
  %w = shift.weight {bits = 1 : i64, codes = dense<85> : tensor<12xi8>,
    exponents = array<i8: 1, 3>, name = "w", signs = array<i8: -1, 1>}
    : tensor<6x16x1x1x!shift.pow2<-10:5>>
  %0 = shift.conv2d %x, %w {dilations = array<i64: 1, 1>, group = 1 : i64,
    pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}
    : (tensor<1x16x8x8x!u8>, tensor<6x16x1x1x!shift.pow2<-10:5>>)
    -> tensor<1x6x8x8x!s8>
  return %0 : tensor<1x6x8x8x!s8>
}

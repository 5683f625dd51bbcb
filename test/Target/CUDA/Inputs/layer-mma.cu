// shift.conv2d 'bytes' 1x64x20x20 u8f4 to 1x64x20x20 u8f4, strategy map:
// activations as bytes, channels last
extern "C" __global__ void __launch_bounds__(256)
pack_bytes_0_map(const int8_t *__restrict__ in, int8_t *__restrict__ out) {
  const int bx = blockIdx.x;
  const int tx = threadIdx.x;
  const int first = bx * 256;
  for (int i = first + tx; i < min(first + 256, 1601); i += 256) {
    const int pixel = i % 400;
    const int chunk = i / 400 % 4;
    const int batch = i / 1600;
    const int firstChannel = chunk % 4 * 16;
    const int image = batch * 25600 + chunk / 4 * 25600 + pixel;
    const bool isPixel = i < 1600;
    __align__(16) int8_t bytes[1][16];
    #pragma unroll
    for (int c = 0; c < 16; c += 4) {
      const int sum = firstChannel + c;
      const int8_t x = isPixel ? in[image + sum * 400] : 0;
      const int8_t x1 = isPixel ? in[image + (sum + 1) * 400] : 0;
      const int8_t x2 = isPixel ? in[image + (sum + 2) * 400] : 0;
      const int value =
          packBytes(x, x1, x2, isPixel ? in[image + (sum + 3) * 400] : 0);
      *(int *)&bytes[0][c] = int(value ^ 0x80808080);
    }
    *(int4 *)&out[(batch * 400 + pixel) * 64 + chunk * 16] =
        *(const int4 *)&bytes[0][0];
  }
}
// shift.conv2d 'bytes' 1x64x20x20 u8f4 to 1x64x20x20 u8f4, strategy mma:
// products of bytes by tensor cores, the worst case takes 24 bits
extern "C" __global__ void __launch_bounds__(128)
conv2d_2_mma(const int8_t *__restrict__ input,
    const int8_t *__restrict__ weights, const int *__restrict__ channelTable,
    int8_t *__restrict__ output) {
  __shared__ __align__(32) int8_t memory[18432];
  const int bx = blockIdx.x;
  const int tx = threadIdx.x;
  const int firstColumn = bx % 7 * 64;
  const int tile = bx / 7;
  int8_t (*const inputTile)[4][4][288] = (int8_t (*)[4][4][288])memory;
  int8_t (*const weightTile)[4][4][288] =
      (int8_t (*)[4][4][288])(memory + 9216);
  const int warp = tx / 32;
  const int warpDown = warp / 2;
  const int warpRow = warpDown * 2;
  const int warpAcross = warp % 2;
  const int warpColumn = warpAcross * 2;
  #pragma unroll
  for (int first = 0; first < 256; first += 128) {
    const int copy = tx + first;
    const int line = copy / 4;
    const int inStep = copy % 4 * 16;
    const int position = firstColumn + line;
    const int window = inStep / 64;
    const int y = position / 20 - 1 + window / 3;
    const int x = position % 20 - 1 + window % 3;
    const int source = position < 400 && unsigned(y) < 20u && unsigned(x) <
        20u ? (tile * 400 + (y * 20 + x)) * 64 + inStep % 64 : 25600;
    __pipeline_memcpy_async(&inputTile[0][line / 16][inStep / 16][line % 16 *
        16 + inStep % 16], &input[source], 16);
  }
  #pragma unroll
  for (int first = 0; first < 256; first += 128) {
    const int copy = tx + first;
    const int row = copy / 4;
    const int inStep = copy % 4 * 16;
    __pipeline_memcpy_async(&weightTile[0][row / 16][inStep / 16][row % 16 *
        16 + inStep % 16], &weights[row * 576 + inStep], 16);
  }
  __pipeline_commit();
  wmma::fragment<wmma::accumulator, 16, 16, 16, int> acc;
  wmma::fill_fragment(acc, 0);
  wmma::fragment<wmma::accumulator, 16, 16, 16, int> acc1 = acc;
  wmma::fragment<wmma::accumulator, 16, 16, 16, int> acc2 = acc;
  wmma::fragment<wmma::accumulator, 16, 16, 16, int> acc3 = acc;
  for (int tap = 0; tap < 576; tap += 64) {
    __pipeline_wait_prior(0);
    __syncthreads();
    const int stage = tap / 64 % 2;
    const int next = tap + 64;
    if (next < 576) {
      const int other = 1 - stage;
      #pragma unroll
      for (int first = 0; first < 256; first += 128) {
        const int copy = tx + first;
        const int line = copy / 4;
        const int inStep = copy % 4 * 16;
        const int position = firstColumn + line;
        const int inputTap = next + inStep;
        const int window = inputTap / 64;
        const int y = position / 20 - 1 + window / 3;
        const int x = position % 20 - 1 + window % 3;
        const int source = position < 400 && unsigned(y) < 20u && unsigned(x) <
            20u ? (tile * 400 + (y * 20 + x)) * 64 + inputTap % 64 : 25600;
        __pipeline_memcpy_async(&inputTile[other][line / 16][inStep / 16][line %
            16 * 16 + inStep % 16], &input[source], 16);
      }
      #pragma unroll
      for (int first = 0; first < 256; first += 128) {
        const int copy = tx + first;
        const int row = copy / 4;
        const int inStep = copy % 4 * 16;
        __pipeline_memcpy_async(&weightTile[other][row / 16][inStep / 16][row %
            16 * 16 + inStep % 16], &weights[row * 576 + (next + inStep)], 16);
      }
      __pipeline_commit();
    }
    #pragma unroll
    for (int k = 0; k < 64; k += 16) {
      const int kBlock = k / 16;
      wmma::fragment<wmma::matrix_a, 16, 16, 16, signed char,
          wmma::row_major> a;
      wmma::load_matrix_sync(a, &weightTile[stage][warpRow][kBlock][0], 16);
      wmma::fragment<wmma::matrix_a, 16, 16, 16, signed char,
          wmma::row_major> a1;
      wmma::load_matrix_sync(a1, &weightTile[stage][warpRow + 1][kBlock][0],
          16);
      wmma::fragment<wmma::matrix_b, 16, 16, 16, signed char,
          wmma::col_major> b;
      wmma::load_matrix_sync(b, &inputTile[stage][warpColumn][kBlock][0], 16);
      wmma::mma_sync(acc, a, b, acc);
      wmma::mma_sync(acc1, a1, b, acc1);
      wmma::fragment<wmma::matrix_b, 16, 16, 16, signed char,
          wmma::col_major> b1;
      wmma::load_matrix_sync(b1, &inputTile[stage][warpColumn + 1][kBlock][0],
          16);
      wmma::mma_sync(acc2, a, b1, acc2);
      wmma::mma_sync(acc3, a1, b1, acc3);
    }
  }
  int (*const sumTile)[64][68] = (int (*)[64][68])memory;
  __syncthreads();
  const int sumRow = warpDown * 32;
  const int sumColumn = warpAcross * 32;
  wmma::store_matrix_sync(&sumTile[0][sumRow][sumColumn], acc, 68,
      wmma::mem_row_major);
  const int sumRow1 = (warpRow + 1) * 16;
  wmma::store_matrix_sync(&sumTile[0][sumRow1][sumColumn], acc1, 68,
      wmma::mem_row_major);
  const int sumColumn1 = (warpColumn + 1) * 16;
  wmma::store_matrix_sync(&sumTile[0][sumRow][sumColumn1], acc2, 68,
      wmma::mem_row_major);
  wmma::store_matrix_sync(&sumTile[0][sumRow1][sumColumn1], acc3, 68,
      wmma::mem_row_major);
  __syncthreads();
  for (int i = tx; i < 1024; i += 128) {
    const int row = i / 16;
    const int column = i % 16 * 4;
    const int position = firstColumn + column;
    if (position < 400) {
      const int addend = channelTable[row];
      const int4 sum = *(const int4 *)&sumTile[0][row][column];
      const int4 total = make_int4(unsigned(sum.x) + addend,
          unsigned(sum.y) + addend, unsigned(sum.z) + addend,
          unsigned(sum.w) + addend);
      const int rightShift = channelTable[row + 64];
      const int4 shifted = make_int4(total.x >> rightShift,
          total.y >> rightShift, total.z >> rightShift, total.w >> rightShift);
      const int4 limited = make_int4(max(shifted.x, 0), max(shifted.y, 0),
          max(shifted.z, 0), max(shifted.w, 0));
      const int4 limited1 = make_int4(min(limited.x, 255), min(limited.y, 255),
          min(limited.z, 255), min(limited.w, 255));
      *(int *)&output[tile * 25600 + row * 400 + position] =
          packBytes(int8_t(limited1.x), int8_t(limited1.y), int8_t(limited1.z),
          int8_t(limited1.w));
    }
  }
}

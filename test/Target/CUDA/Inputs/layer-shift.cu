// shift.conv2d 'codes' 1x64x20x20 u8f4 to 1x64x20x20 u8f4, strategy shift:
// shifts and additions of packed codes, the worst case takes 27 bits
extern "C" __global__ void __launch_bounds__(256)
conv2d_3_shift(const int8_t *__restrict__ input,
    const int8_t *__restrict__ codes, const int *__restrict__ codebook,
    const int *__restrict__ bases, const int *__restrict__ channelTable,
    int8_t *__restrict__ output) {
  __shared__ __align__(16) int table[2];
  __shared__ __align__(16) int inputTile[2][16][64];
  __shared__ __align__(16) int weightTile[2][1][16][68];
  const int bx = blockIdx.x;
  const int tx = threadIdx.x;
  const int firstColumn = bx % 7 * 64;
  for (int i = tx; i < 2; i += 256)
    table[i] = codebook[i];
  __syncthreads();
  const int column = tx % 64;
  const int position = firstColumn + column;
  const bool isPosition = position < 400;
  const int top = position / 20 - 1;
  const int left = position % 20 - 1;
  __align__(16) int acc[4][4];
  #pragma unroll
  for (int i = 0; i < 4; ++i) {
    #pragma unroll
    for (int j = 0; j < 4; ++j)
      acc[i][j] = 0;
  }
  const int image = bx / 7 * 25600;
  #pragma unroll
  for (int k = 0; k < 16; k += 4) {
    const int inStep = tx / 64 + k;
    const int window = inStep / 64;
    const int y = top + window / 3;
    const int x = left + window % 3;
    const int8_t x1 = isPosition && unsigned(y) < 20u && unsigned(x) < 20u ?
        input[image + inStep % 64 * 400 + (y * 20 + x)] : 0;
    inputTile[0][inStep][column] = uint8_t(x1);
  }
  #pragma unroll
  for (int first = 0; first < 1024; first += 256) {
    const int weight = tx + first;
    const int row = weight / 16;
    const int inStep = weight % 16;
    const int sum = row * 576 + inStep;
    const int word = table[(uint8_t(codes[sum / 8]) >> (sum % 8)) & 1];
    weightTile[0][0][inStep][row] =
        (word & 0xc0000000) | ((unsigned(word & 0xff) - bases[row]) & 0x1f);
  }
  for (int tap = 0; tap < 576; tap += 16) {
    __syncthreads();
    const int stage = tap / 16 % 2;
    const int next = tap + 16;
    if (next < 576) {
      const int other = 1 - stage;
      #pragma unroll
      for (int k = 0; k < 16; k += 4) {
        const int inStep = tx / 64 + k;
        const int inputTap = next + inStep;
        const int window = inputTap / 64;
        const int y = top + window / 3;
        const int x = left + window % 3;
        const int8_t x1 = isPosition && unsigned(y) < 20u && unsigned(x) < 20u ?
            input[image + inputTap % 64 * 400 + (y * 20 + x)] : 0;
        inputTile[other][inStep][column] = uint8_t(x1);
      }
      #pragma unroll
      for (int first = 0; first < 1024; first += 256) {
        const int weight = tx + first;
        const int row = weight / 16;
        const int inStep = weight % 16;
        const int sum = row * 576 + (next + inStep);
        const int word = table[(uint8_t(codes[sum / 8]) >> (sum % 8)) & 1];
        weightTile[other][0][inStep][row] =
            (word & 0xc0000000) | ((unsigned(word & 0xff) - bases[row]) & 0x1f);
      }
    }
    #pragma unroll 4
    for (int k = 0; k < 16; ++k) {
      __align__(16) int x[4];
      __align__(16) int w[4];
      *(int4 *)&x[0] = *(const int4 *)&inputTile[stage][k][tx % 16 * 4];
      *(int4 *)&w[0] = *(const int4 *)&weightTile[stage][0][k][tx / 16 * 4];
      #pragma unroll
      for (int i = 0; i < 4; ++i) {
        const int word = w[i];
        const int amount = word & 0x1f;
        const int inverted = word >> 31;
        const int kept = word << 1 >> 31;
        #pragma unroll
        for (int j = 0; j < 4; ++j)
          acc[i][j] += unsigned(((x[j] << amount) ^ inverted) & kept);
      }
    }
  }
  const int sum = firstColumn + tx % 16 * 4;
  if (sum < 400) {
    #pragma unroll
    for (int i = 0; i < 4; ++i) {
      const int row = tx / 16 * 4 + i;
      const int addend = channelTable[row];
      const int4 sum1 = *(const int4 *)&acc[i][0];
      const int4 total = make_int4(unsigned(sum1.x) + addend,
          unsigned(sum1.y) + addend, unsigned(sum1.z) + addend,
          unsigned(sum1.w) + addend);
      const int rightShift = channelTable[row + 64];
      const int4 shifted = make_int4(total.x >> rightShift,
          total.y >> rightShift, total.z >> rightShift, total.w >> rightShift);
      const int4 limited = make_int4(max(shifted.x, 0), max(shifted.y, 0),
          max(shifted.z, 0), max(shifted.w, 0));
      const int4 limited1 = make_int4(min(limited.x, 255), min(limited.y, 255),
          min(limited.z, 255), min(limited.w, 255));
      *(int *)&output[image + row * 400 + sum] =
          packBytes(int8_t(limited1.x), int8_t(limited1.y), int8_t(limited1.z),
          int8_t(limited1.w));
    }
  }
}

namespace RatIlgpu.Ilgpu;

sealed partial class CpuAcceleratorDevice
{
    private protected override void FindLargest(
        ArrayView<float> numbers, ArrayView<int> indices, ArrayView<float> mask, TopSizes sizes, FoundNumbers found) =>
        kernels.Launch(
            TopOneThreadKernel.Run, Shares, numbers, indices, mask, sizes, found.Numbers, found.Indices);

    private protected override void SumExponentials(
        ArrayView<float> numbers, TopSizes sizes, ArrayView<float> largest, ArrayView<float> sums) =>
        kernels.Launch(ExponentialSumsOneThreadKernel.Run, Shares, numbers, sizes, largest, sums);
}

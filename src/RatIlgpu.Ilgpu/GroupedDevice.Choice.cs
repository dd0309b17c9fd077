namespace RatIlgpu.Ilgpu;

sealed partial class GroupedDevice<TReduction>
{
    private protected override void FindLargest(
        ArrayView<float> numbers, ArrayView<int> indices, ArrayView<float> mask, TopSizes sizes, FoundNumbers found) =>
        kernels.Launch(
            TopKernel.Run<TReduction>, Groups(found.Pieces), numbers, indices, mask, sizes, found.Numbers,
            found.Indices);

    private protected override void SumExponentials(
        ArrayView<float> numbers, TopSizes sizes, ArrayView<float> largest, ArrayView<float> sums) =>
        kernels.Launch(
            ExponentialSumsKernel.Run<TReduction>, Groups(sums.Length), numbers, sizes, largest, sums);
}

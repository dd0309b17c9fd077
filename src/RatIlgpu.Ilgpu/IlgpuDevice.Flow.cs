namespace RatIlgpu.Ilgpu;

abstract unsafe partial class IlgpuDevice
{
    /// <summary>Returns the sizes of rows of flow over all keys.</summary>
    private protected static FlowSizes SizesOf(Tensor pattern, Tensor value, Tensor weight) => new()
    {
        Attention = AttentionSizes.Of(
            new Shape(pattern.Shape[1], pattern.Shape[0], value.Shape[2]), value.Shape),
        Width = weight.Shape[0],
        KeyCount = value.Shape[0],
    };
}

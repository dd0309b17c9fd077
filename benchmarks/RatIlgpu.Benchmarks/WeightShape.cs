namespace RatIlgpu.Benchmarks;

/// <summary>The shape of a linear layer's weights.</summary>
public readonly record struct WeightShape(int Outputs, int Inputs)
{
    /// <summary>The linear layers of Qwen2 0.5B: gate and up, down, output, and query, key and value at once.</summary>
    public static IEnumerable<WeightShape> All => [new(4864, 896), new(896, 4864), new(896, 896), new(1152, 896)];

    /// <summary>Those of its MLP, where most of the time goes.</summary>
    public static IEnumerable<WeightShape> Large => [new(4864, 896), new(896, 4864)];

    public override string ToString() => $"[{Outputs},{Inputs}]";
}

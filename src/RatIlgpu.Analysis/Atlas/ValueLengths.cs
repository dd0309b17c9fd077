namespace RatIlgpu.Analysis;

/// <summary>Computes the length of what each head would write for each key alone, <c>|v[k] Wₒ|</c>, for all heads of a
/// layer.</summary>
/// <remarks>As <c>v (Wₒ Wₒᵀ) vᵀ</c>, in float32 on the device: these lengths weight attention, and are not compared
/// with one another.</remarks>
sealed class ValueLengths(Qwen2Model model) : IDisposable
{
    readonly Dictionary<int, Tensor> products = [];

    /// <summary>Returns the lengths, <c>[tokens, heads]</c>.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="value">Its values, <c>[tokens, keyValueHeads, headSize]</c>.</param>
    public float[] Of(int layer, Tensor value)
    {
        var (config, device) = (model.Config, model.Device);
        var (tokens, groups, size) = (value.Shape[0], value.Shape[1], value.Shape[2]);
        var (own, width) = (config.GroupSize, config.GroupSize * size);
        var all = ProductsOf(layer);
        var lengths = new float[tokens * config.HeadCount];
        using var rows = device.Allocate(tokens, size);
        using var products = device.Allocate(tokens, width);
        var (values, found) = (new float[tokens * size], new float[tokens * width]);
        for (var group = 0; group < groups; group++)
        {
            device.Gather(
                value.Reshape(tokens * groups, size),
                [.. Enumerable.Range(0, tokens).Select(token => (token * groups) + group)], rows);
            device.Linear(rows, all.Slice(group * width, width), null, products);
            device.Download(rows, values);
            device.Download(products, found);
            for (var token = 0; token < tokens; token++)
                for (var head = 0; head < own; head++)
                    lengths[(token * config.HeadCount) + (group * own) + head] = MathF.Sqrt(MathF.Max(
                        0,
                        System.Numerics.Tensors.TensorPrimitives.Dot<float>(
                            values.AsSpan(token * size, size),
                            found.AsSpan((token * width) + (head * size), size))));
        }

        return lengths;
    }

    /// <summary>Frees the products.</summary>
    public void Dispose()
    {
        foreach (var tensor in products.Values)
            tensor.Dispose();
    }

    // [heads · headSize, headSize]: the products are symmetric.
    Tensor ProductsOf(int layer)
    {
        if (products.TryGetValue(layer, out var known))
            return known;
        var (config, grams) = (model.Config, new OutputGrams(model));
        grams.Prepare(layer, Enumerable.Range(0, config.HeadCount));
        var found = model.Device.Allocate(config.HeadCount * config.HeadSize, config.HeadSize);
        model.Device.Upload(
            [
                .. Enumerable.Range(0, config.HeadCount)
                    .SelectMany(head => grams.Of(new(layer, head)).Select(number => (float)number)),
            ],
            found);
        products.Add(layer, found);
        return found;
    }
}

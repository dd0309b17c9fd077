namespace RatIlgpu.Analysis;

/// <summary>Multiplies the attention of layers, from the first to the last that is added: how much each position holds
/// of each token, if every position kept half of itself in every layer.</summary>
/// <remarks>Of each layer the mean of its heads is taken, halved, half of the identity added, and every row divided by
/// its sum; Abnar and Zuidema, Quantifying attention flow in transformers, 2020. A row of padding is that of the
/// identity. Memory for four squares of the tokens is held.</remarks>
/// <param name="device">The device that multiplies.</param>
/// <param name="tokenCount">The number of tokens of the prompt, at least 1.</param>
public sealed class AttentionRollout(Device device, int tokenCount) : IDisposable
{
    /// <summary>The most tokens of a prompt whose rollout <see cref="AttentionReader"/> reads: four squares of them
    /// are 64 MiB, and each layer takes their cube of multiply-adds.</summary>
    public const int MostTokens = 2_048;

    const int BlockRows = 256;

    readonly float[] mean = new float[checked(tokenCount * tokenCount)];
    readonly float[] block = new float[Math.Min(BlockRows, tokenCount) * tokenCount];
    Tensor? product;
    int layer = -1, headCount;

    /// <summary>Adds a head. All heads of a layer are added before those of a later one.</summary>
    /// <param name="head">The head, of a prompt of as many tokens.</param>
    /// <exception cref="ArgumentException">The prompt has another length, or the layer comes before one that was
    /// added.</exception>
    public void Add(HeadAttention head)
    {
        if (head.TokenCount != tokenCount)
            throw new ArgumentException(
                $"{head.Head} is of {CountText.Of(head.TokenCount, "token")}, expected {tokenCount}.");
        if (head.Head.Layer < layer)
            throw new ArgumentException(
                $"{head.Head} comes after a head of layer {layer}, expected layers in ascending order.");
        if (head.Head.Layer > layer)
            Close();
        layer = head.Head.Layer;
        headCount++;
        for (var first = 0; first < tokenCount; first += BlockRows)
        {
            var rows = block.AsSpan(0, Math.Min(BlockRows, tokenCount - first) * tokenCount);
            head.CopyRows(first, rows);
            for (var i = 0; i < rows.Length; i++)
                mean[first * tokenCount + i] += rows[i];
        }
    }

    /// <summary>Returns the product over the layers that were added, <c>[position, token]</c>; each row sums to
    /// 1.</summary>
    public float[] ToRows()
    {
        Close();
        // The product is kept transposed.
        var rows = new float[tokenCount * tokenCount];
        var columns = product is null ? rows : device.Download(product);
        for (var position = 0; position < tokenCount; position++)
            for (var token = 0; token < tokenCount; token++)
                rows[position * tokenCount + token] =
                    product is null ? (token == position ? 1 : 0) : columns[token * tokenCount + position];
        return rows;
    }

    /// <summary>Frees the product.</summary>
    public void Dispose() => product?.Dispose();

    // A ← (½ mean + ½ I), rows over their sums; Rᵀ ← Rᵀ Aᵀ, which is a linear layer with the weight A.
    void Close()
    {
        if (headCount == 0)
            return;
        for (var position = 0; position < tokenCount; position++)
        {
            var row = mean.AsSpan(position * tokenCount, tokenCount);
            var sum = 1.0;
            foreach (ref var number in row)
                sum += number /= headCount;
            row[position]++;
            foreach (ref var number in row)
                number = (float)(number / sum);
        }

        using var weight = device.Allocate(tokenCount, tokenCount);
        device.Upload(mean, weight);
        var (next, before) = (device.Allocate(tokenCount, tokenCount), product ?? Identity());
        product = next;
        using (before)
            device.Linear(before, weight, null, next);
        Array.Clear(mean);
        headCount = 0;
    }

    Tensor Identity()
    {
        var numbers = new float[tokenCount * tokenCount];
        for (var position = 0; position < tokenCount; position++)
            numbers[position * tokenCount + position] = 1;
        var identity = device.Allocate(tokenCount, tokenCount);
        device.Upload(numbers, identity);
        return identity;
    }
}

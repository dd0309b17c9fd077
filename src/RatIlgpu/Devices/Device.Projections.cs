using RatIlgpu.Devices;
using RatIlgpu.Tensors;

namespace RatIlgpu;

public abstract partial class Device
{
    /// <summary>Computes the queries, keys and values of attention in one operation: three linear layers, the norms of
    /// query and key where they have one, and the rotation of queries and keys.</summary>
    /// <param name="x"><c>[rows, inputs]</c>.</param>
    /// <param name="query">The weights of the queries.</param>
    /// <param name="key">The weights of the keys.</param>
    /// <param name="value">The weights of the values, without a norm.</param>
    /// <param name="angles"><c>[rows, headSize]</c>, as for <see cref="Rotate"/>.</param>
    /// <param name="queries"><c>[rows, heads, headSize]</c>; must not overlap another tensor.</param>
    /// <param name="keys"><c>[rows, keyHeads, headSize]</c>; must not overlap another tensor.</param>
    /// <param name="values">The shape of <paramref name="keys"/>; must not overlap another tensor.</param>
    /// <remarks>The numbers are those of <see cref="Linear"/>, <see cref="RmsNorm"/> and <see cref="Rotate"/>, bit for
    /// bit; a device may compute them together.</remarks>
    /// <exception cref="ArgumentException">A shape or data type does not fit, or the values have a norm.</exception>
    public void ProjectHeads(
        Tensor x,
        HeadWeights query,
        HeadWeights key,
        HeadWeights value,
        Tensor angles,
        Tensor queries,
        Tensor keys,
        Tensor values)
    {
        CheckHeads(x, query, queries, nameof(query), nameof(queries));
        CheckHeads(x, key, keys, nameof(key), nameof(keys));
        CheckHeads(x, value, values, nameof(value), nameof(values));
        NeedFloats(values, keys.Shape, nameof(ProjectHeads), nameof(values));
        if (value.Norm is not null)
            throw Unfit(nameof(ProjectHeads), "value has a norm, expected none");
        var size = queries.Shape[2];
        if (size % 2 != 0 || keys.Shape[2] != size)
            throw Unfit(nameof(ProjectHeads), $"keys is {keys.Shape} and queries {queries.Shape}, expected one even "
                + "head size");
        NeedFloats(angles, new Shape(x.Shape[0], size), nameof(ProjectHeads), nameof(angles));
        ProjectHeadsCore(x, query, key, value, angles, queries, keys, values);
        KeepAlive(x, query.Weight, query.Bias, key.Weight, key.Bias, value.Weight, value.Bias, angles);
        KeepAlive(query.Norm?.Gain, key.Norm?.Gain, queries, keys, values);
    }

    /// <summary>Computes the gated activations of an MLP from its input in one operation: <c>result = silu(x·gateᵀ) ⊙
    /// x·upᵀ</c>.</summary>
    /// <param name="x"><c>[rows, inputs]</c>.</param>
    /// <param name="gate"><c>[outputs, inputs]</c>, F32, F16 or BF16.</param>
    /// <param name="up">The shape of <paramref name="gate"/>; F32, F16 or BF16.</param>
    /// <param name="scratch"><c>[rows, outputs]</c>: memory for numbers on the way, whose content is lost; must not
    /// overlap another tensor.</param>
    /// <param name="result"><c>[rows, outputs]</c>; must not overlap another tensor.</param>
    /// <remarks>The numbers are those of <see cref="Linear"/> and <see cref="SwiGlu"/>, bit for bit; a device may
    /// compute them together.</remarks>
    /// <exception cref="ArgumentException">A shape or data type does not fit.</exception>
    public void GatedLinear(Tensor x, Tensor gate, Tensor up, Tensor scratch, Tensor result)
    {
        CheckLinear(nameof(GatedLinear), x, gate, null, result);
        NeedShape(up, gate.Shape, nameof(GatedLinear), nameof(up));
        NeedWeights(up, nameof(GatedLinear), nameof(up));
        NeedFloats(scratch, result.Shape, nameof(GatedLinear), nameof(scratch));
        GatedLinearCore(x, gate, up, scratch, result);
        KeepAlive(x, gate, up, scratch, result);
    }

    /// <summary>Computes <see cref="ProjectHeads"/>, in its parts unless a device overrides it.</summary>
    protected virtual void ProjectHeadsCore(
        Tensor x,
        HeadWeights query,
        HeadWeights key,
        HeadWeights value,
        Tensor angles,
        Tensor queries,
        Tensor keys,
        Tensor values)
    {
        LinearCore(x, query.Weight, query.Bias, accumulate: false, Flat(queries));
        TurnHeads(query, angles, queries);
        LinearCore(x, key.Weight, key.Bias, accumulate: false, Flat(keys));
        TurnHeads(key, angles, keys);
        LinearCore(x, value.Weight, value.Bias, accumulate: false, Flat(values));
    }

    /// <summary>Computes <see cref="GatedLinear"/>, in its parts unless a device overrides it.</summary>
    protected virtual void GatedLinearCore(Tensor x, Tensor gate, Tensor up, Tensor scratch, Tensor result)
    {
        LinearCore(x, gate, null, accumulate: false, result);
        LinearCore(x, up, null, accumulate: false, scratch);
        SwiGluCore(result, scratch, result);
    }

    // The second half of ProjectHeads: the norm of each head, where there is one, and the rotation.
    private protected void TurnHeads(HeadWeights weights, Tensor angles, Tensor heads)
    {
        if (weights.Norm is { } norm)
        {
            var each = heads.Reshape(heads.Shape[0] * heads.Shape[1], heads.Shape[2]);
            RmsNormCore(each, norm.Gain, norm.Epsilon, each);
        }

        RotateCore(heads, angles, heads);
    }

    static void CheckHeads(Tensor x, HeadWeights weights, Tensor result, string name, string resultName)
    {
        NeedRank(result, 3, nameof(ProjectHeads), resultName);
        CheckLinear(nameof(ProjectHeads), x, weights.Weight, weights.Bias, Flat(result));
        if (weights.Norm is not { } norm)
            return;
        NeedShape(norm.Gain, new Shape(result.Shape[2]), nameof(ProjectHeads), $"{name}'s gain");
        NeedWeights(norm.Gain, nameof(ProjectHeads), $"{name}'s gain");
    }

    // [rows, heads · headSize]
    private protected static Tensor Flat(Tensor heads) =>
        heads.Reshape(heads.Shape[0], heads.Shape[1] * heads.Shape[2]);
}

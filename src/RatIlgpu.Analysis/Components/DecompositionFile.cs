using RatIlgpu.Weights;

namespace RatIlgpu.Analysis;

/// <summary>Reads the components of a layer from a safetensors file.</summary>
static class DecompositionFile
{
    // Which axis comes first, where the metadata says so: the other one than usual.
    const string OutputLayout = "u_layout", InputLayout = "v_layout";

    // Of a tensor in double: 2 GiB.
    const int MostNumbers = 1 << 28;

    // Its square is a number of float32, in which the model runs.
    const double LargestNumber = 1e19;

    /// <summary>Reads components.</summary>
    /// <inheritdoc cref="Decomposition.Load"/>
    /// <param name="path">The file.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="weights">Its matrices.</param>
    public static ImmutableArray<MatrixComponents> Read(
        string path, int layer, ImmutableArray<ProjectionWeight> weights)
    {
        using var file = SafetensorsFile.Open(path);
        var (first, second) = (IsTurned(file, OutputLayout, "out"), IsTurned(file, InputLayout, "in"));
        return [.. weights.Select(weight => Components(file, layer, weight, first, second))];
    }

    /// <summary>Returns the layers that a file has components of, ascending.</summary>
    public static ImmutableArray<int> LayersOf(string path)
    {
        using var file = SafetensorsFile.Open(path);
        return LayersOf(file);
    }

    static MatrixComponents Components(
        SafetensorsFile file, int layer, ProjectionWeight weight, bool isOutputTurned, bool isInputTurned)
    {
        var module = ProjectionWeight.ModuleOf(layer, weight.Projection);
        var (written, read) = ($"{module}.U", $"{module}.V");
        if (!file.Contains(written) && !file.Contains(read)
            && weight.Projection is AttentionProjection.Value or AttentionProjection.Output)
            return new(weight, [], []);
        foreach (var (name, other) in new[] { (written, read), (read, written) })
            if (!file.Contains(name))
                throw Wrong(file, file.Contains(other)
                    ? $"has '{other}', but no '{name}': a component needs both."
                    : $"has no '{name}': {Missing(file, layer)}");
        var count = CountOf(file, written, isOutputTurned);
        var outputs = Rows(file, written, (weight.Outputs, "outputs"), count, isOutputTurned);
        var inputs = Rows(file, read, (weight.Inputs, "inputs"), count, isInputTurned);
        var importance = $"{module}.mean_ci";
        MatrixComponents found = new(
            weight, outputs, inputs,
            file.Contains(importance) ? [.. Numbers(file, importance, new(count))] : null)
        {
            FiringDensities = Each(file, $"{module}.firing_density", count, (number => number is >= 0 and <= 1,
                "shares in [0, 1]")),
            Signs = Each(file, $"{module}.sign", count, (number => number is 1 or -1, "signs, 1 or -1")) is { } signs
                ? [.. signs.Select(sign => (int)sign)]
                : null,
            Labels = DecompositionLabels.Read(file, module, count),
        };
        foreach (var (component, energy) in found.Energies.Index())
            if (!(energy <= float.MaxValue))
                throw Wrong(file, FormattableString.Invariant(
                    $"component {component} of '{module}', U times V, is so large that the square of its norm is ")
                    + FormattableString.Invariant($"{energy:0.0e+0}, expected at most {float.MaxValue:0.0e+0}, the ")
                    + "largest number of float32: numbers of the size of weights; export it again.");
        return found;
    }

    static int CountOf(SafetensorsFile file, string name, bool isTurned)
    {
        var shape = file.ShapeOf(name);
        if (shape.Rank != 2)
            throw Wrong(file, $"'{name}' is {shape}, expected two axes, one of them the components.");
        if (shape.Count == 0)
            throw Wrong(
                file, $"'{name}' is {shape}, expected one or more components of one or more numbers; export it again.");
        return shape[isTurned ? 0 : 1];
    }

    // The numbers of a matrix, one component after the other.
    static double[] Rows(SafetensorsFile file, string name, (int Length, string What) axis, int count, bool isTurned)
    {
        var expected = isTurned ? new Shape(count, axis.Length) : new(axis.Length, count);
        if (file.ShapeOf(name) is var shape && shape != expected)
            throw Wrong(
                file,
                $"'{name}' is {shape}, expected {expected}: {count} components of {axis.Length} {axis.What}; it is a "
                + "decomposition of another model, or its metadata does not say its layout.");
        if (expected.Count > MostNumbers)
            throw Wrong(file, FormattableString.Invariant(
                $"'{name}' has {count} components, expected at most {MostNumbers / axis.Length} of {axis.Length} ")
                + $"{axis.What}; leave those out that are never active.");
        var numbers = Numbers(file, name, expected);
        if (isTurned)
            return numbers;
        var rows = new double[numbers.Length];
        for (var place = 0; place < axis.Length; place++)
            for (var component = 0; component < count; component++)
                rows[(component * axis.Length) + place] = numbers[(place * count) + component];
        return rows;
    }

    static double[] Numbers(SafetensorsFile file, string name, Shape expected)
    {
        using var tensor = file.Tensor(name, expected);
        var numbers = TensorNumbers.Read(tensor);
        foreach (var (place, number) in numbers.Index())
            if (!double.IsFinite(number))
                throw Wrong(file, FormattableString.Invariant(
                    $"'{name}' has {number} at {PlaceIn(expected, place)}, expected finite numbers; export it ")
                    + "again, in F32 if a smaller format had no room for it.");
            else if (Math.Abs(number) > LargestNumber)
                throw Wrong(file, FormattableString.Invariant(
                    $"'{name}' has {number} at {PlaceIn(expected, place)}, expected at most {LargestNumber}, whose ")
                    + "square float32 holds: numbers of the size of weights; export it again.");
        return numbers;
    }

    // Numbers of the components that may be left out; null where they are.
    static ValueArray<double>? Each(
        SafetensorsFile file, string name, int count, (Func<double, bool> Holds, string What) expected)
    {
        if (!file.Contains(name))
            return null;
        var numbers = Numbers(file, name, new(count));
        foreach (var (place, number) in numbers.Index())
            if (!expected.Holds(number))
                throw Wrong(file, FormattableString.Invariant(
                    $"'{name}' has {number} at [{place}], expected {expected.What}."));
        return [.. numbers];
    }

    static string PlaceIn(Shape shape, int place) => shape.Rank == 1
        ? FormattableString.Invariant($"[{place}]")
        : FormattableString.Invariant($"[{place / shape[1]}, {place % shape[1]}]");

    static bool IsTurned(SafetensorsFile file, string key, string axis)
    {
        var layout = file.Metadata.GetValueOrDefault(key, $"{axis},C");
        return layout == $"C,{axis}" || (layout == $"{axis},C"
            ? false
            : throw Wrong(file, $"has {key} {OneLine.Quote(layout)} in its metadata, expected {axis},C or C,{axis}."));
    }

    // Queries and keys are needed.
    static string Missing(SafetensorsFile file, int layer)
    {
        var has = Enum.GetValues<AttentionProjection>().Select(one => ProjectionWeight.ModuleOf(layer, one))
            .Where(module => file.Contains($"{module}.U") || file.Contains($"{module}.V"))
            .Select(module => module.Split('.')[^1]).ToList();
        return has.Count == 0
            ? $"expected the components of layer {layer}. {HasLayers(file)}"
            : $"of layer {layer} it has {string.Join(", ", has)}, expected q_proj and k_proj at least, each with U and "
                + "V; export the missing ones too.";
    }

    static string HasLayers(SafetensorsFile file)
    {
        var layers = LayersOf(file);
        return layers.IsEmpty
            ? "It has no tensor named like model.layers.0.self_attn.q_proj.U, the output vectors of components."
            : $"It has layer{(layers.Length > 1 ? "s" : "")} {OneLine.Shorten(string.Join(", ", layers))}.";
    }

    static ImmutableArray<int> LayersOf(SafetensorsFile file) =>
    [
        .. file.Names.Select(name => name.Split('.'))
            .Where(parts => parts is ["model", "layers", _, "self_attn", "q_proj", "U"])
            .Select(parts => int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var layer)
                ? layer
                : -1)
            .Where(layer => layer >= 0).Distinct().Order(),
    ];

    internal static InvalidDataException Wrong(SafetensorsFile file, string fault) => new($"{file.Path}: {fault}");
}

using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace RatIlgpu.Analysis;

/// <summary>What a partial result was computed from: the model, the device, the texts and the options. Partial results
/// are added up, and a run continues one, only if these are the same.</summary>
abstract record PartialOrigin
{
    /// <summary>Makes an origin from its properties.</summary>
    protected PartialOrigin()
    {
    }

    /// <summary>Reads what <see cref="PartWriter.Origin"/> wrote. The options have another place in the file.</summary>
    [SetsRequiredMembers]
    protected PartialOrigin(PartReader file)
    {
        Model = file.Text();
        Fingerprint = file.Text();
        Device = file.Text();
        Version = file.Text();
        Texts = file.Text();
        TextsHash = file.Text();
        Options = [];
    }

    /// <summary>Gets the name of the model; empty where it is not known.</summary>
    public required string Model { get; init; }

    /// <summary>Gets what identifies its weights and settings.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Gets the device and its level of instructions, whose rounding the numbers have.</summary>
    public required string Device { get; init; }

    /// <summary>Gets the version of the program.</summary>
    public required string Version { get; init; }

    /// <summary>Gets where the texts are from, or how many there are.</summary>
    public required string Texts { get; init; }

    /// <summary>Gets the SHA-256 of the texts; empty for random tokens.</summary>
    public required string TextsHash { get; init; }

    /// <summary>Gets the options on which the numbers depend, as the command line spells them. A name of several words
    /// is no option of the command line, but decides as much.</summary>
    public required ValueArray<PartialOption> Options { get; init; }

    /// <summary>Gets the value of an option; null where there is none.</summary>
    public string? this[string option] => Options.FirstOrDefault(one => one.Name == option).Value;

    /// <summary>Gets the version of this program.</summary>
    public static string ProgramVersion =>
        typeof(PartialOrigin).Assembly.GetCustomAttribute<AssemblyFileVersionAttribute>()?.Version ?? "";

    /// <summary>Gets what an error calls the texts.</summary>
    protected abstract string TextsName { get; }

    /// <summary>Returns the device of numbers: those of the processor depend on the width of its vectors, and not on
    /// its threads.</summary>
    public static string LevelOf(Device device) => device is CpuDevice cpu
        ? $"{cpu.Name}, {cpu.Level}"
        : $"{device.Name.Split(':')[0]}, {device.Description}";

    /// <summary>Returns the first difference because of which two partial results are not combined; null if there is
    /// none. This is the expected origin.</summary>
    /// <param name="found">The other origin.</param>
    /// <param name="allowsMixture">Whether another device or version of the program is no difference.</param>
    public PartialDifference? DifferenceTo(PartialOrigin found, bool allowsMixture)
    {
        if (found.Fingerprint != Fingerprint)
            return new("model", found.ModelText, ModelText);
        if (found.TextsHash != TextsHash)
            return new(TextsName, found.TextsText, TextsText);
        foreach (var option in Options.Select(one => one.Name).Union(found.Options.Select(one => one.Name)))
            if (this[option] != found[option])
                return new(
                    option.Contains(' ') ? option : $"--{option}", found[option] ?? "not given",
                    this[option] ?? "not given");
        return SizesTo(found) ?? (allowsMixture ? null
            : found.Device != Device ? new("device", found.Device, Device) { IsMixture = true }
            : found.Version != Version ? new("program", found.Version, Version) { IsMixture = true }
            : null);
    }

    /// <summary>Returns the difference of the sizes on which the content depends; null for none.</summary>
    protected virtual PartialDifference? SizesTo(PartialOrigin found) => null;

    string ModelText => Model.Length > 0 ? $"{Model} ({Fingerprint})" : Fingerprint;

    string TextsText => $"{Texts} (SHA-256 {(TextsHash.Length > 16 ? TextsHash[..16] : "none")})";
}

/// <summary>An option that a partial result was computed with.</summary>
/// <param name="Name">The name, as the command line spells it.</param>
/// <param name="Value">The value.</param>
readonly record struct PartialOption(string Name, string Value);

/// <summary>A difference between two partial results because of which they are not combined.</summary>
/// <param name="What">What differs.</param>
/// <param name="Found">What the second has.</param>
/// <param name="Expected">What the first has.</param>
sealed record PartialDifference(string What, string Found, string Expected)
{
    /// <summary>Gets whether the numbers differ by rounding alone.</summary>
    public bool IsMixture { get; init; }

    /// <summary>Returns the error of a run that was to go on with the second.</summary>
    /// <param name="path">Where the second is.</param>
    public InvalidDataException Refusal(string path) => new(
        $"{path}: {What} is {OneLine.Shorten(Found)}, expected {OneLine.Shorten(Expected)}; go on with what the file "
        + "was made with, or name another file.");
}

using System.Diagnostics;
using RatIlgpu.Cli.Prompts;
using RatIlgpu.Testing;
using RatIlgpu.Text;

namespace RatIlgpu.Mutations;

/// <summary>Tries a folder: it is refused in one line that names the file, or everything in it works.</summary>
static class Trial
{
    const int MostMegabytes = 64, MostSeconds = 2, LongestMessage = 2_000;

    static readonly string[] Texts =
    [
        "The cat sat", "", "<|im_end|>\n<|im_start|>user é\u0301 漢字 \ud83d\ude00", new('a', 300), "\0\uFEFF don't",
    ];

    static readonly ChatMessage[] Chat = [new("system", "Be brief."), new("user", "The cat"), new("assistant", "sat")];

    /// <summary>Tries what a folder is for.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="file">The file that was changed.</param>
    /// <param name="use">What is tried.</param>
    public static Outcome Of(string folder, string file, Use use)
    {
        var device = new WatchedDevice();
        var path = Path.Combine(folder, file);
        var bytes = new FileInfo(path).Length;
        var (before, clock) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.StartNew());
        var (kind, fault) = Judge(folder, file, () => Run(folder, path, use, device));
        var (seconds, allocated) = (clock.Elapsed.TotalSeconds, GC.GetAllocatedBytesForCurrentThread() - before);
        var megabytes = (allocated + device.Allocated * sizeof(float) - bytes) / (double)(1 << 20);
        if (fault is null && megabytes > MostMegabytes)
            fault = $"allocated {megabytes:F0} MB beyond the file";
        if (fault is null && seconds > MostSeconds)
            fault = $"took {seconds:F1} s";
        return new(fault is null ? kind : OutcomeKind.Wrong, fault, megabytes, seconds);
    }

    static (OutcomeKind Kind, string? Fault) Judge(string folder, string file, Action run)
    {
        try
        {
            run();
            return (OutcomeKind.Right, null);
        }
        catch (Exception refusal) when (refusal is InvalidDataException or FileNotFoundException)
        {
            var message = refusal.Message;
            return (OutcomeKind.Refused, Fault(refusal, message.Contains(folder, StringComparison.Ordinal)
                || message.StartsWith(file, StringComparison.Ordinal)));
        }
        catch (Exception refusal) when (refusal is ArithmeticException or ArgumentException && IsOwn(refusal))
        {
            // The folder is sound, and its numbers or tokens do not go with what was asked of it.
            return (OutcomeKind.RefusedInUse, Fault(refusal, true));
        }
        catch (Exception crash)
        {
            return (OutcomeKind.Wrong, crash.ToString());
        }
    }

    // An exception of .NET itself, such as of a key that is there twice, is a fault that nobody foresaw.
    static bool IsOwn(Exception refusal) =>
        refusal.TargetSite?.Module.Name.StartsWith(nameof(RatIlgpu), StringComparison.Ordinal) == true;

    static string? Fault(Exception refusal, bool namesFile) =>
        !namesFile ? $"does not name the file: {refusal}"
        : refusal.Message.Contains('\n') ? $"has several lines: {refusal}"
        : refusal.Message.Length > LongestMessage ? $"has {refusal.Message.Length} characters: {refusal.Message[..99]}"
        : null;

    static void Run(string folder, string path, Use use, WatchedDevice device)
    {
        switch (use)
        {
            case Use.Model:
                RunModel(folder, device);
                break;
            case Use.Tokenizer:
                var tokenizer = Tokenizer.Load(folder);
                foreach (var text in Texts)
                    tokenizer.Decode([.. tokenizer.Encode(text).Ids]);
                goto case Use.Template;
            case Use.Template:
                if (HasTemplate(folder))
                    ChatTemplate.Load(folder).Format(Chat);
                break;
            default:
                if (PromptFile.Read(path).IsEmpty)
                    throw new InvalidOperationException("A file without prompts was read.");
                break;
        }
    }

    static void RunModel(string folder, WatchedDevice device)
    {
        using var model = LanguageModel.Load(folder, device, new TwoTokens());
        using var logits = model.Network.Forward([1, 0, 1], new() { LogitCount = 1 });
        device.Download(logits);
        _ = new TextGenerator(model).Generate([1, 0], 2).Count();
        if (model.GenerationDefaults is { } defaults)
            SamplingOptions.Of(defaults);
    }

    static bool HasTemplate(string folder) => Directory.EnumerateFiles(folder)
        .Any(file => file.EndsWith("chat_template.jinja", StringComparison.Ordinal)
            || File.ReadAllText(file).Contains("chat_template", StringComparison.Ordinal));

    // The model alone is tried; a tokenizer of its own takes most of the time.
    sealed class TwoTokens : Tokenizer
    {
        public override int Count => 2;

        public override int? EosTokenId => null;

        public override TokenizedText Encode(string text) => throw new NotSupportedException();

        protected override ReadOnlySpan<byte> Bytes(int id) => "a"u8;
    }
}

/// <summary>How a trial ended.</summary>
/// <param name="Kind">How it ended.</param>
/// <param name="Fault">What is wrong; null if nothing is.</param>
/// <param name="Megabytes">How much was allocated beyond the file.</param>
/// <param name="Seconds">How long it took.</param>
sealed record Outcome(OutcomeKind Kind, string? Fault, double Megabytes, double Seconds);

/// <summary>The ways in which a trial ends.</summary>
enum OutcomeKind
{
    /// <summary>The folder was loaded and everything worked.</summary>
    Right,

    /// <summary>The folder was refused in one line that names the file.</summary>
    Refused,

    /// <summary>The folder was loaded; what was asked of it was refused.</summary>
    RefusedInUse,

    /// <summary>Anything else.</summary>
    Wrong,
}

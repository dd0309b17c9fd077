using System.Globalization;

namespace RatIlgpu.Peers;

/// <summary>The arguments of a peer: folders or files, <c>--name value</c>, and <c>--check</c>.</summary>
/// <param name="Paths">What stands by itself.</param>
/// <param name="IsCheck">Whether results are compared instead of timed.</param>
/// <param name="Options">The other options.</param>
sealed record PeerCall(IReadOnlyList<string> Paths, bool IsCheck, IReadOnlyDictionary<string, string> Options)
{
    /// <summary>Gets the length of the prompt.</summary>
    public int Tokens => Number("--tokens", 256);

    /// <summary>Gets how many runs are timed.</summary>
    public int Repeats => Number("--repeats", 5);

    /// <summary>Gets the number of threads.</summary>
    public int Threads => Number("--threads", Environment.ProcessorCount);

    /// <summary>Reads arguments.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="names">The names of the options besides <c>--check</c>, <c>--tokens</c>, <c>--repeats</c> and
    /// <c>--threads</c>.</param>
    /// <exception cref="FormatException">An option is unknown or has no value.</exception>
    public static PeerCall Read(string[] args, params string[] names)
    {
        string[] known = ["--tokens", "--repeats", "--threads", .. names];
        var (paths, options, check) = (new List<string>(), new Dictionary<string, string>(), false);
        for (var index = 0; index < args.Length; index++)
        {
            if (args[index] == "--check")
                check = true;
            else if (!args[index].StartsWith("--", StringComparison.Ordinal))
                paths.Add(args[index]);
            else if (known.Contains(args[index]) && index + 1 < args.Length)
                options[args[index]] = args[++index];
            else
                throw new FormatException(
                    $"'{args[index]}' is unknown or has no value, expected --check or one of "
                    + $"{string.Join(", ", known)}.");
        }

        return new(paths, check, options);
    }

    /// <summary>Returns one of the words that an option may have; the first where it is not given.</summary>
    /// <exception cref="FormatException">The option has another value.</exception>
    public string Word(string name, params string[] words)
    {
        var word = Options.GetValueOrDefault(name, words[0]);
        return words.Contains(word)
            ? word
            : throw new FormatException($"{name} is '{word}', expected one of {string.Join(", ", words)}.");
    }

    int Number(string name, int usual)
    {
        if (!Options.TryGetValue(name, out var text))
            return usual;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new FormatException($"{name} is '{text}', expected a whole number of 1 or more.");
    }
}

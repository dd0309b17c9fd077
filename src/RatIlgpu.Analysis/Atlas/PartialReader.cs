using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace RatIlgpu.Analysis;

/// <summary>Reads a part of an atlas, which is trusted in nothing.</summary>
sealed class PartialReader
{
    /// <summary>The numbers that are read or written at once.</summary>
    public const int Piece = 1 << 20;

    const int LongestText = 1 << 20;
    const int MostLayers = 1 << 16;
    const int MostHeads = 1 << 18;
    const int MostOptions = 1 << 10;

    static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    readonly string path;
    readonly Stream stream;

    // The bytes before the hash that were not read.
    long left;

    PartialReader(string path, Stream stream) =>
        (this.path, this.stream, left) = (path, stream, stream.Length - PartialFile.HashLength);

    /// <summary>Reads a part.</summary>
    /// <inheritdoc cref="PartialAtlas.Load"/>
    public static PartialAtlas Read(string path)
    {
        using var file = InputFile.Open(path);
        try
        {
            using var stream = new BufferedStream(file, 1 << 16);
            var reader = new PartialReader(path, stream);
            reader.CheckHash();
            return reader.Read();
        }
        catch (IOException broken)
        {
            throw new InvalidDataException($"{path}: cannot be read: {broken.Message}", broken);
        }
    }

    void CheckHash()
    {
        var start = new byte[Math.Min(stream.Length, PartialFile.Magic.Length + 4)];
        stream.ReadExactly(start);
        if (!start.AsSpan().StartsWith(PartialFile.Magic))
            throw Wrong($"is no part of an atlas of heads, expected a file that --partial wrote.");
        if (start.Length == PartialFile.Magic.Length + 4
            && BinaryPrimitives.ReadInt32LittleEndian(start.AsSpan(PartialFile.Magic.Length)) is var version
            && version != PartialFile.Version)
            throw Wrong(
                $"has version {version} of the format, expected {PartialFile.Version}; use the program that wrote it.");
        if (left <= start.Length)
            throw Damaged();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(start);
        var piece = new byte[1 << 16];
        for (var rest = left - start.Length; rest > 0;)
        {
            var read = stream.Read(piece, 0, (int)Math.Min(rest, piece.Length));
            if (read == 0)
                throw Damaged();
            hash.AppendData(piece, 0, read);
            rest -= read;
        }

        var expected = new byte[PartialFile.HashLength];
        stream.ReadExactly(expected);
        if (!hash.GetHashAndReset().AsSpan().SequenceEqual(expected))
            throw Damaged();
        stream.Position = start.Length;
        left -= start.Length;
    }

    PartialAtlas Read()
    {
        var source = Source();
        var (index, count) = (Number(0, int.MaxValue, "shard"), Number(1, int.MaxValue, "number of shards"));
        if (index >= count)
            throw Wrong($"has shard {index} of {count}, expected one below.");
        var isComplete = Number(0, 1, "mark of its end") == 1;
        var seconds = BitConverter.Int64BitsToDouble(Numbers<long>(1)[0]);
        if (!double.IsFinite(seconds) || seconds < 0)
            throw Wrong($"has {seconds} seconds, expected 0 or more.");
        var warnings = ImmutableArray.CreateBuilder<string>();
        for (var i = Number(0, MostOptions, "number of warnings"); i > 0; i--)
            warnings.Add(Text());
        var sizes = source.Sizes;
        NeedMaps(sizes);
        var sums = new AtlasSums(sizes) { Seconds = seconds };
        foreach (var pass in AtlasLayouts.Passes)
            Pass(sums[pass]);
        Activities(sums);
        if (left != 0)
            throw Wrong($"has {ByteText.Of(left)} behind its end.");
        return new(source, new(index, count), sums) { IsComplete = isComplete, Warnings = warnings.ToImmutable() };
    }

    PartialSource Source()
    {
        string[] texts = [.. Enumerable.Range(0, 6).Select(_ => Text())];
        var (layers, heads) = (Number(1, MostLayers, "number of layers"), Number(1, MostLayers, "number of heads"));
        if ((long)layers * heads > MostHeads)
            throw Wrong($"has {layers} layers of {heads} heads, expected {MostHeads} heads at most.");
        var (groups, window) = (Number(1, heads, "number of key heads"), Number(0, int.MaxValue, "window"));
        if (heads % groups != 0)
            throw Wrong($"has {heads} heads that read {groups}, expected a multiple.");
        var slides = Numbers<byte>(layers);
        var options = new List<PartialOption>();
        for (var i = Number(0, MostOptions, "number of options"); i > 0; i--)
            options.Add(new(Text(), Text()));
        var source = new PartialSource
        {
            Model = texts[0],
            Fingerprint = texts[1],
            Device = texts[2],
            Version = texts[3],
            Texts = texts[4],
            TextsHash = texts[5],
            LayerCount = layers,
            HeadCount = heads,
            KeyValueHeadCount = groups,
            Window = window,
            HasWindow = [.. slides.Select(one => one != 0 && window > 0)],
            Options = [.. options],
        };
        if (!Enum.TryParse<ScoreProfile>(source[PartialSource.ProfileOption], out var profile)
            || !Enum.IsDefined(profile)
            || !int.TryParse(source[PartialSource.SeedOption], NumberStyles.AllowLeadingSign,
                CultureInfo.InvariantCulture, out _))
            throw Wrong($"names no known rules of scores, or no seed.");
        return source;
    }

    // Sums make room for their maps at once.
    void NeedMaps(Qwen2Config sizes)
    {
        var heads = (long)sizes.LayerCount * sizes.HeadCount;
        Need(AtlasLayouts.Passes.Sum(pass =>
            AtlasLayouts.Of(pass, sizes).Maps.Length * PassLayout.MapCells * (heads + 1) * sizeof(long)));
    }

    void Pass(PassSums sums)
    {
        var last = -1L;
        foreach (var number in Numbers<long>(Number(0, int.MaxValue, "number of sequences")))
        {
            if (number <= last)
                throw Wrong($"has sequence {number} behind {last}, expected one above.");
            sums.Numbers.Add(last = number);
        }

        var (layout, before) = (sums.Layout, -1);
        for (var i = Number(0, PassSums.GroupCount, "number of groups"); i > 0; i--)
        {
            before = Number(before + 1, PassSums.GroupCount - 1, "group");
            Need(sizeof(long) * ((sums.HeadCount * (long)layout.HeadLength) + layout.DataLength));
            sums.Groups.Add(
                before, new(Numbers<long>(sums.HeadCount * layout.HeadLength), Numbers<long>(layout.DataLength)));
        }

        Numbers<long>(sums.Maps);
        Numbers<long>(sums.MapCounts);
    }

    void Activities(AtlasSums sums)
    {
        var (texts, heads) = (sums[AtlasPass.Text].Numbers, sums[AtlasPass.Text].HeadCount);
        for (var i = Number(0, ActivitySample.Most, "number of activities"); i > 0; i--)
        {
            var number = Numbers<long>(1)[0];
            if (!texts.Contains(number))
                throw Wrong($"has the activity of text {number}, which is not in its sums.");
            var ids = Numbers<int>(Number(1, int.MaxValue, "number of tokens"));
            var most = MemoryMarshal.Cast<int, float>(Numbers<int>(heads)).ToArray();
            var peaks = Numbers<short>(heads);
            if (ids.Any(id => id < 0) || most.Any(one => !float.IsFinite(one))
                || peaks.Any(peak => peak < 0 || peak >= ids.Length))
                throw Wrong($"has an activity of text {number} that no run gives.");
            sums.Activities.Add(
                new SequenceActivity(number, ImmutableCollectionsMarshal.AsImmutableArray(ids), most, peaks));
        }
    }

    string Text()
    {
        try
        {
            return Strict.GetString(Numbers<byte>(Number(0, LongestText, "length of a text")));
        }
        catch (DecoderFallbackException)
        {
            throw Wrong($"has a text that is not UTF-8.");
        }
    }

    int Number(int least, int most, string what) => Numbers<int>(1)[0] is var number && number >= least
        && number <= most
            ? number
            : throw Wrong($"has {number} as {what}, expected {least} to {most}.");

    T[] Numbers<T>(int count)
        where T : unmanaged
    {
        Need((long)count * Marshal.SizeOf<T>());
        var numbers = new T[count];
        Numbers<T>(numbers);
        return numbers;
    }

    void Numbers<T>(Span<T> numbers)
        where T : unmanaged
    {
        Need((long)numbers.Length * Marshal.SizeOf<T>());
        for (var at = 0; at < numbers.Length; at += Piece)
        {
            var bytes = MemoryMarshal.AsBytes(numbers[at..Math.Min(numbers.Length, at + Piece)]);
            stream.ReadExactly(bytes);
            left -= bytes.Length;
            if (!BitConverter.IsLittleEndian)
                for (var i = 0; i < bytes.Length; i += Marshal.SizeOf<T>())
                    bytes.Slice(i, Marshal.SizeOf<T>()).Reverse();
        }
    }

    void Need(long bytes)
    {
        if (bytes > left)
            throw Wrong($"ends early: has {ByteText.Of(left)} left, expected {bytes:N0} more.");
    }

    InvalidDataException Damaged() => Wrong(
        $"is damaged: its content does not have the hash at its end; delete it and run its command again.");

    InvalidDataException Wrong(FormattableString fault) =>
        new($"{path}: {FormattableString.Invariant(fault)}");
}

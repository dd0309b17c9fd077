using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using LLama;
using LLama.Common;
using LLama.Native;

namespace RatIlgpu.Peers;

/// <summary>A GGUF file in llama.cpp, with the settings that are its own unless the work needs others.</summary>
sealed class LlamaModel : IDisposable
{
    // What llama.cpp cuts prompts into by itself.
    const uint OwnBlock = 512;

    readonly LLamaWeights weights;
    readonly LLamaContext context;

    /// <summary>Loads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">The most positions that are in memory at a time.</param>
    /// <param name="threads">The number of threads.</param>
    public LlamaModel(string path, int most, int threads)
    {
        NativeLibraryConfig.All
            .WithLibrary(Path.Combine(LibraryFolder, "libllama.so"), null)
            .WithLogCallback((level, text) =>
            {
                if (level == LLamaLogLevel.Error)
                    Console.Error.Write(text);
            });
        var parameters = new ModelParams(path)
        {
            ContextSize = (uint)int.Max(256, most),
            BatchSize = uint.Max(OwnBlock, (uint)most),
            UBatchSize = OwnBlock,
            Threads = threads,
            BatchThreads = threads,
            GpuLayerCount = 0,
        };
        weights = LLamaWeights.LoadFromFile(parameters);
        context = weights.CreateContext(parameters);
    }

    /// <summary>Gets what llama.cpp says of itself and the processor.</summary>
    public static string Description
    {
        get
        {
            var library = NativeLibrary.Load(Path.Combine(LibraryFolder, "libllama.so"));
            var function = NativeLibrary.GetExport(library, "llama_print_system_info");
            var text = Marshal.PtrToStringUTF8(Marshal.GetDelegateForFunctionPointer<SystemInfo>(function)())!;
            return $"llama.cpp of LLamaSharp 0.30.0, {Path.GetFileName(LibraryFolder)} build, {text.Trim(' ', '|')}";
        }
    }

    // LLamaSharp chooses by the width that .NET prefers. On some processors with AVX-512 that is 256 bits.
    static string LibraryFolder => Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native", Level);

    static string Level =>
        Avx512F.IsSupported && Avx512BW.IsSupported && Avx512DQ.IsSupported && Avx512F.VL.IsSupported ? "avx512"
        : Avx2.IsSupported && Fma.IsSupported ? "avx2"
        : Avx.IsSupported ? "avx"
        : "noavx";

    /// <summary>Runs tokens after those that are in memory.</summary>
    /// <param name="ids">The token ids.</param>
    /// <param name="past">How many positions are kept; those behind them are forgotten.</param>
    /// <param name="all">Whether logits of all tokens are made, instead of those of the last.</param>
    /// <exception cref="InvalidOperationException">llama.cpp refuses.</exception>
    public void Run(ReadOnlySpan<int> ids, int past, bool all)
    {
        context.NativeHandle.MemorySequenceRemove(LLamaSeqId.Zero, past, -1);
        var batch = new LLamaBatch();
        for (var index = 0; index < ids.Length; index++)
            batch.Add(ids[index], past + index, LLamaSeqId.Zero, all || index == ids.Length - 1);
        var result = context.NativeHandle.Decode(batch);
        if (result != DecodeResult.Ok)
            throw new InvalidOperationException($"llama.cpp refuses to run {ids.Length} tokens: {result}.");
    }

    /// <summary>Returns the logits of a token of the last run.</summary>
    public ReadOnlySpan<float> LogitsOf(int index) => context.NativeHandle.GetLogitsIth(index);

    /// <summary>Writes tokens after those in memory, the likeliest each time.</summary>
    /// <param name="first">The first of them.</param>
    /// <param name="past">How many positions are in memory.</param>
    /// <param name="count">How many tokens are run.</param>
    public void Write(int first, int past, int count)
    {
        for (var step = 0; step < count; step++)
        {
            Run([first], past + step, all: false);
            first = TensorPrimitives.IndexOfMax(LogitsOf(0));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        context.Dispose();
        weights.Dispose();
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    delegate nint SystemInfo();
}

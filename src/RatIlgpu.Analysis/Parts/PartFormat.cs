using System.Security.Cryptography;

namespace RatIlgpu.Analysis;

/// <summary>A kind of file that keeps a part of a work: little-endian numbers, the lengths of lists before them, and at
/// its end the SHA-256 of all before.</summary>
/// <param name="Magic">The first bytes, eight letters.</param>
/// <param name="Version">The version that is written and read.</param>
/// <param name="What">What the file has, such as <c>part of an atlas of heads</c>.</param>
/// <param name="Writer">The option that writes it.</param>
sealed record PartFormat(string Magic, int Version, string What, string Writer)
{
    /// <summary>The bytes of the hash at the end.</summary>
    public const int HashLength = SHA256.HashSizeInBytes;

    /// <summary>The numbers that are read or written at once.</summary>
    public const int Piece = 1 << 20;
}

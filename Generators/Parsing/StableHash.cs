using System.Text;

namespace Kameo.Actors.Generators.Parsing;

/// <summary>FNV-1a over UTF-8: hashes that are on the wire and never change. Source: the FNV specification, draft-eastlake-fnv.</summary>
internal static class StableHash
{
    /// <summary>32 bits.</summary>
    public static uint Of32(string text)
    {
        uint hash = 2166136261;
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            hash = unchecked((hash ^ b) * 16777619);
        }

        return hash;
    }

    /// <summary>64 bits.</summary>
    public static ulong Of64(string text)
    {
        ulong hash = 14695981039346656037;
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            hash = unchecked((hash ^ b) * 1099511628211);
        }

        return hash;
    }
}

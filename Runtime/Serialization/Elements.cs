using System.ComponentModel;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Serialization;

/// <summary>What generated formatters share.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Elements
{
    /// <summary>Skips what a newer version of a type has more.</summary>
    public static void SkipBeyond(ref MessagePackReader reader, int count, int known)
    {
        for (; count > known; count--)
        {
            reader.Skip();
        }
    }
}

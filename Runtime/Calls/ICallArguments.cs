using System.ComponentModel;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Calls;

/// <summary>The arguments of a call, in a struct that the generator writes for each method.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface ICallArguments
{
    /// <summary>The method.</summary>
    static abstract ActorMethod Method { get; }

    /// <summary>Replaces each argument that is not immutable with a deep copy.</summary>
    void CopyArguments();

    /// <summary>Writes the arguments, as the call object does.</summary>
    void EncodeArguments(ref MessagePackWriter writer);

    /// <summary>Reads the arguments, as the call object does.</summary>
    void DecodeArguments(ref MessagePackReader reader);
}

using System.ComponentModel;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Calls;

/// <summary>A call with a result.</summary>
/// <typeparam name="TResult">The result's type.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class ActorCall<TResult> : ActorCall
{
    /// <summary>Calls the method on the actor, in its turn.</summary>
    protected internal abstract ValueTask<TResult> Invoke(object actor);

    /// <summary>Writes the result.</summary>
    protected internal abstract void EncodeResult(ref MessagePackWriter writer, TResult result);

    /// <summary>Reads the result.</summary>
    protected internal abstract TResult DecodeResult(ref MessagePackReader reader);

    /// <summary>Copies the result unless it is immutable: isolation of a local call.</summary>
    protected internal abstract TResult CopyResult(TResult result);
}

using System.ComponentModel;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Calls;

/// <summary>
/// One call of one actor method: its arguments, its place in a mailbox and the awaitable result in one pooled object.
/// The generator writes one class for each method; the same class serves the caller and, on the callee's node, the turn.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class ActorCall
{
    /// <summary>The method that is called.</summary>
    public abstract ActorMethod Method { get; }

    /// <summary>On the callee's side: cancelled when the caller cancels, its deadline passes, or the activation must end.</summary>
    protected CancellationToken CancellationToken => throw new NotImplementedException();

    /// <summary>Writes the arguments: an array of them in order.</summary>
    protected internal abstract void EncodeArguments(ref MessagePackWriter writer);

    /// <summary>Reads the arguments; surplus ones are skipped, missing ones take defaults.</summary>
    protected internal abstract void DecodeArguments(ref MessagePackReader reader);

    /// <summary>Replaces each argument that is not immutable with a deep copy: isolation of a local call.</summary>
    protected internal abstract void CopyArguments();

    /// <summary>Forgets the arguments, so that the pool keeps nothing alive.</summary>
    protected internal abstract void ClearArguments();

    /// <summary>Gives the object back to its pool: <c>CallPool&lt;TheCall&gt;.Return(this)</c>.</summary>
    protected internal abstract void ReturnToPool();
}

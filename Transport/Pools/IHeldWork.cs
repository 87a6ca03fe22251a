namespace Kameo.Actors.Transport.Pools;

/// <summary>What a thread keeps from others while it runs user code, for as long as that is short: the rest of a batch, frames that are to be written together.</summary>
internal interface IHeldWork
{
    /// <summary>The code takes long: another thread of the pool is to go on with what is held. Called by <see cref="StretchWatch"/>, at most once for each stretch and while it lasts; short, and runs no user code.</summary>
    void HandOver();
}

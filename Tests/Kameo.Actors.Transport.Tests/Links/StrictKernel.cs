using Kameo.Actors.Transport.Links.Uring;

namespace Kameo.Actors.Transport.Tests.Links;

/// <summary>The kernel under this process, but for what a test has it refuse.</summary>
internal sealed unsafe class StrictKernel : IUringKernel
{
    private readonly LinuxUringKernel _kernel = new();
    private volatile int _enterError;

    /// <summary>The error of every setup, positive; 0 asks the kernel.</summary>
    public int SetupError { get; init; }

    /// <summary>Features that the kernel hides.</summary>
    public uint HiddenFeatures { get; init; }

    /// <summary>Setup flags that it does not know.</summary>
    public uint UnknownFlags { get; init; }

    /// <summary>Whether it has no buffer rings.</summary>
    public bool RefusesRegistration { get; init; }

    /// <summary>The error of every call that enters the ring, positive; 0 enters it.</summary>
    public int EnterError
    {
        get => _enterError;
        set => _enterError = value;
    }

    public int Setup(uint count, UringParameters* parameters)
    {
        if (SetupError != 0 || (parameters->Flags & UnknownFlags) != 0)
        {
            return -(SetupError != 0 ? SetupError : 22);
        }

        int result = _kernel.Setup(count, parameters);
        parameters->Features &= ~HiddenFeatures;
        return result;
    }

    public int Enter(int ring, uint submitCount, uint waitCount)
    {
        int result = _kernel.Enter(ring, submitCount, waitCount);
        return _enterError != 0 ? -_enterError : result;
    }

    public int Register(int ring, uint operation, void* argument, uint count) => RefusesRegistration ? -22 : _kernel.Register(ring, operation, argument, count);
}

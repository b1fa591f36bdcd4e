//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// needsDevices says what keeps this process from mounting loop devices; ""
// nothing does.
func needsDevices() string {
	if os.Geteuid() != 0 {
		return "only root can mount"
	}
	for _, tool := range []string{"losetup", "mkfs.ext4", "mount", "umount"} {
		if _, err := exec.LookPath(tool); err != nil {
			return "there is no " + tool
		}
	}
	if out, err := exec.Command("losetup", "-f").CombinedOutput(); err != nil {
		return "no loop devices: " + strings.TrimSpace(string(out))
	}
	return ""
}

// command runs a tool of the system.
func command(ctx context.Context, name string, arguments ...string) (string, error) {
	out, err := exec.CommandContext(ctx, name, arguments...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", name, strings.Join(arguments, " "), err, out)
	}
	return strings.TrimSpace(string(out)), nil
}

// volume is a mounted image.
type volume struct {
	image, at, device string
}

// newVolume makes an image with an empty file system that writes nothing by
// itself for a long time, and mounts it.
func (r *rig) newVolume(ctx context.Context) (*volume, error) {
	image := r.path("image")
	if _, err := command(ctx, "truncate", "-s", "256M", image); err != nil {
		return nil, err
	}
	if _, err := command(ctx, "mkfs.ext4", "-q", "-F", image); err != nil {
		return nil, err
	}
	return r.mount(ctx, image)
}

// tryVolume says why no image can be mounted, as in a container; "" one can.
func (r *rig) tryVolume(ctx context.Context) string {
	v, err := r.newVolume(ctx)
	if err == nil {
		err = r.unmount(v)
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func (r *rig) mount(ctx context.Context, image string) (*volume, error) {
	v := &volume{image: image, at: r.path("mount")}
	if err := os.Mkdir(v.at, 0o700); err != nil {
		return nil, err
	}
	var err error
	if v.device, err = command(ctx, "losetup", "-f", "--show", image); err != nil {
		return nil, err
	}
	if _, err = command(ctx, "mount", "-o", "commit=1000", v.device, v.at); err != nil {
		_, detach := command(ctx, "losetup", "-d", v.device)
		return nil, errors.Join(err, detach)
	}
	r.undo("losetup", "-d", v.device)
	r.undo("umount", v.at)
	return v, nil
}

// unmount takes the volumes of a round away again, and their images.
func (r *rig) unmount(volumes ...*volume) error {
	r.endAll()
	var errs []error
	for _, v := range volumes {
		errs = append(errs, os.Remove(v.image))
	}
	return errors.Join(errs...)
}

// copyImage copies what the device has now, holes as holes.
func (r *rig) copyImage(ctx context.Context, v *volume) (string, error) {
	image := r.path("image")
	_, err := command(ctx, "cp", "--sparse=always", v.image, image)
	return image, err
}
